import { IdTable } from '../../lineage/id-table';

// An execution is held as numbers while it is compared: ids in one table, everything else in typed arrays. Rows
// are read when they are shown, a page at a time.

/** What became of a record, as far as a comparison goes. */
export const OUTCOME = { open: 0, done: 1, failed: 2, cancelled: 3, stalled: 4 } as const;

const ID_BYTES = 16;
const DIGEST_BYTES = 8;
const SEPARATOR = '\0';

/** Numbers the adapters of two executions: equal names have equal numbers. */
export class Places {
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [];

  /** @param text route and adapter with a NUL between */
  numberOf(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  get size(): number {
    return this.texts.length;
  }

  nameOf(number: number): { readonly route_id: string; readonly adapter_name: string } {
    const [route = '', adapter = ''] = (this.texts[number] ?? '').split(SEPARATOR);
    return { route_id: route, adapter_name: adapter };
  }
}

/** One value of eight bytes a record; zeros where there is none. */
export class Digests {
  readonly words: Int32Array;

  constructor(capacity: number) {
    this.words = new Int32Array(2 * capacity);
  }

  set(number: number, bytes: Buffer, offset: number): void {
    this.words[2 * number] = bytes.readInt32LE(offset);
    this.words[2 * number + 1] = bytes.readInt32LE(offset + DIGEST_BYTES / 2);
  }

  high(number: number): number {
    return this.words[2 * number] ?? 0;
  }

  low(number: number): number {
    return this.words[2 * number + 1] ?? 0;
  }
}

/** Ids that records name, 16 bytes each, before and after all records are known. */
export class Links {
  private bytes = Buffer.alloc(64 * ID_BYTES);
  private from = new Int32Array(64);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The record `from` names the id at `offset`. */
  add(from: number, source: Buffer, offset: number): void {
    if (this.count === this.from.length) this.grow();
    source.copy(this.bytes, this.count * ID_BYTES, offset, offset + ID_BYTES);
    this.from[this.count] = from;
    this.count += 1;
  }

  /** Calls back with who names, the record named or -1, and the id itself as bytes at an offset. */
  each(ids: IdTable, take: (from: number, to: number, bytes: Buffer, offset: number) => void): void {
    for (let n = 0; n < this.count; n += 1) {
      const offset = n * ID_BYTES;
      take(this.from[n] ?? 0, ids.find(this.bytes, offset), this.bytes, offset);
    }
  }

  private grow(): void {
    const bytes = Buffer.alloc(this.bytes.length * 2);
    this.bytes.copy(bytes);
    const from = new Int32Array(this.from.length * 2);
    from.set(this.from);
    this.bytes = bytes;
    this.from = from;
  }
}

/** The registered records of an execution, numbered in the order of their ids. */
export class RecordTable {
  readonly ids: IdTable;
  readonly place: Int32Array;
  readonly outcome: Uint8Array;
  readonly inputs: Digests;
  readonly outputs: Digests;
  readonly errors: Digests;
  readonly registeredAt: Float64Array;
  /** milliseconds; -1: it has not ended */
  readonly durationMs: Float64Array;
  /** the ids each record names as its parents, as what it retries, as what it replays */
  readonly parents = new Links();
  readonly retries = new Links();
  readonly replays = new Links();

  constructor(capacity: number) {
    this.ids = new IdTable(capacity);
    this.place = new Int32Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.inputs = new Digests(capacity);
    this.outputs = new Digests(capacity);
    this.errors = new Digests(capacity);
    this.registeredAt = new Float64Array(capacity);
    this.durationMs = new Float64Array(capacity);
  }

  get size(): number {
    return this.ids.size;
  }

  /** Which of two records came first: by registration, then by id. */
  compare(a: number, b: number): number {
    return (this.registeredAt[a] ?? 0) - (this.registeredAt[b] ?? 0) || a - b;
  }
}
