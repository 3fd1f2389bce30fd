import { randomBytes } from 'node:crypto';

const ID_BYTES = 16;

/**
 * Numbers ids from 0 in the order in which they are added. 24 to 32 bytes an id, where a `Map` of strings takes well
 * over a hundred. Ids come from outside, so that the hash has a seed of its own for each table.
 */
export class IdTable {
  private readonly ids: Buffer;
  private slots: Int32Array;
  private readonly seeds = new Uint32Array(4);
  private length = 0;

  constructor(capacity: number) {
    this.ids = Buffer.allocUnsafe(capacity * ID_BYTES);
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2 + 1))).fill(-1);
    const random = randomBytes(ID_BYTES);
    for (let i = 0; i < 4; i += 1) this.seeds[i] = random.readUInt32LE(i * 4);
  }

  get size(): number {
    return this.length;
  }

  /** Adds the id at `offset` of `bytes`, which must not be there yet. */
  add(bytes: Buffer, offset: number): void {
    const number = this.length;
    bytes.copy(this.ids, number * ID_BYTES, offset, offset + ID_BYTES);
    this.slots[this.slotOf(bytes, offset)] = number;
    this.length = number + 1;
  }

  /** The number of the id at `offset` of `bytes`; -1 when it was not added. */
  find(bytes: Buffer, offset: number): number {
    return this.slots[this.slotOf(bytes, offset)] ?? -1;
  }

  /** No id is added or looked up any more: that takes memory. */
  freeze(): void {
    this.slots = new Int32Array();
  }

  /** The id of a number, as text. */
  id(number: number): string {
    const hex = this.ids.toString('hex', number * ID_BYTES, (number + 1) * ID_BYTES);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** The slot that holds the id, or the free one where it would go. */
  private slotOf(bytes: Buffer, offset: number): number {
    const mask = this.slots.length - 1;
    for (let slot = this.hash(bytes, offset) & mask; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot] ?? -1;
      if (number < 0 || this.holds(number, bytes, offset)) return slot;
    }
  }

  private holds(number: number, bytes: Buffer, offset: number): boolean {
    const start = number * ID_BYTES;
    return this.ids.compare(bytes, offset, offset + ID_BYTES, start, start + ID_BYTES) === 0;
  }

  // Rounds of murmur3 with a secret per word.
  private hash(bytes: Buffer, offset: number): number {
    let hash = 0;
    for (let i = 0; i < 4; i += 1) {
      hash = Math.imul(hash ^ bytes.readUInt32LE(offset + i * 4) ^ (this.seeds[i] ?? 0), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    return hash >>> 0;
  }
}
