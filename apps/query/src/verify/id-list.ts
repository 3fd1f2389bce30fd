const ID_BYTES = 16;
const FIRST_CAPACITY = 256;

/** Ids by number, from 0, in the order in which they were added: 16 bytes each. */
export class IdList {
  private bytes = Buffer.allocUnsafe(FIRST_CAPACITY * ID_BYTES);
  private readonly wanted = Buffer.allocUnsafe(ID_BYTES);
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(id: string): void {
    const at = this.count * ID_BYTES;
    if (at === this.bytes.length) this.bytes = Buffer.concat([this.bytes], at * 2);
    writeId(this.bytes, id, at);
    this.count += 1;
  }

  /** The id of a number, as text. */
  at(number: number): string {
    const hex = this.bytes.toString('hex', number * ID_BYTES, (number + 1) * ID_BYTES);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** The number of an id in a list whose ids ascend; -1 when it is not there. */
  find(id: string): number {
    writeId(this.wanted, id, 0);
    return this.search(this.wanted, 0);
  }

  /** The same for the id that another list has under a number. */
  findOf(other: IdList, number: number): number {
    return this.search(other.bytes, number * ID_BYTES);
  }

  private search(bytes: Buffer, offset: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const start = middle * ID_BYTES;
      const order = bytes.compare(this.bytes, start, start + ID_BYTES, offset, offset + ID_BYTES);
      if (order === 0) return middle;
      // `compare` tells how `bytes` stands to what it is given.
      if (order > 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

function writeId(bytes: Buffer, id: string, at: number): void {
  bytes.write(id.replaceAll('-', ''), at, 'hex');
}

/** Whole numbers by place, from 0: 4 bytes each. */
export class Integers {
  private numbers = new Int32Array(FIRST_CAPACITY);
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(value: number): void {
    if (this.count === this.numbers.length) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[this.count] = value;
    this.count += 1;
  }

  at(place: number): number {
    return this.numbers[place] ?? 0;
  }
}
