import { IdTable } from './id-table';

// A trace is held as numbers: ids in one table, edges and depths in typed arrays, in the order in which the records
// are shown. Millions of records fit; their rows are read a page at a time.

/** Bytes of an entry before the ids of the parents: id, rank, length of what follows. */
const HEAD_BYTES = 16 + 8 + 4;
const ID_BYTES = 16;
/** Pieces of parents that are looked up before other work has its turn. */
const PIECES_AT_ONCE = 16;

export type Direction = 'ancestors' | 'descendants';

/** Where a record stands in a trace; records are shown in ascending order. */
export interface Place {
  readonly depth: number;
  /** Grows with `started_at`; that of placeholders is above all others. */
  readonly rank: number;
  readonly id: string;
}

/** The records that can be reached from one in one direction, each once, at its smallest depth, in order. */
export class Trace {
  constructor(
    private readonly ids: IdTable,
    private readonly ranks: Float64Array,
    private readonly depths: Int32Array,
    /** numbers of the records, in order */
    private readonly order: Int32Array,
    /** whether there are more records than a trace may hold */
    readonly truncated: boolean,
  ) {}

  static readonly EMPTY = new Trace(
    new IdTable(0),
    new Float64Array(),
    new Int32Array(),
    new Int32Array(),
    false,
  );

  get length(): number {
    return this.order.length;
  }

  /** Places from index `start` on, `count` at most. */
  slice(start: number, count: number): Place[] {
    return [...this.order.subarray(start, start + count)].map((number) => this.placeOf(number));
  }

  /** The index of the first record behind `place`. */
  indexBehind(place: Place): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const number = this.order[middle] ?? 0;
      if (comparePlaces(this.placeOf(number), place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placeOf(number: number): Place {
    return {
      depth: this.depths[number] ?? 0,
      rank: this.ranks[number] ?? 0,
      id: this.ids.id(number),
    };
  }
}

const comparePlaces = (a: Place, b: Place): number =>
  a.depth - b.depth || a.rank - b.rank || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * Makes a trace from the entries of a statement as they come, and keeps of them what it takes: an id, a rank and the ids of
 * the parents. 60 bytes a record while it is made, some 35 afterwards.
 */
export class TraceBuilder {
  private readonly ids: IdTable;
  private readonly ranks: Float64Array;
  /** how many parents there are before those of a record */
  private readonly starts: Int32Array;
  /** ids of the parents of one record after the other, a piece for every chunk */
  private parentIds: Buffer[] = [];
  private parents = 0;

  /** @param capacity records at most */
  constructor(capacity: number) {
    this.ids = new IdTable(capacity);
    this.ranks = new Float64Array(capacity);
    this.starts = new Int32Array(capacity + 1);
  }

  /** @param chunk entries: id, rank, byte length of the parents, parents; chunks and entries by (rank, id) */
  add(chunk: Buffer): void {
    const parentIds = Buffer.allocUnsafeSlow(chunk.length);
    let length = 0;
    for (let offset = 0; offset < chunk.length;) {
      const number = this.ids.size;
      const parentBytes = chunk.readUInt32BE(offset + 24);
      this.ids.add(chunk, offset);
      this.ranks[number] = chunk.readInt32BE(offset + 16) * 2 ** 32 + chunk.readUInt32BE(offset + 20);
      offset += HEAD_BYTES;
      length += chunk.copy(parentIds, length, offset, offset + parentBytes);
      offset += parentBytes;
      this.parents += parentBytes / ID_BYTES;
      this.starts[number + 1] = this.parents;
    }
    if (length > 0) this.parentIds.push(Buffer.from(parentIds.subarray(0, length)));
  }

  /**
   * @param root the record the trace starts from
   * @param truncated whether there is more than was added
   */
  async build(root: string, direction: Direction, maxDepth: number, truncated: boolean): Promise<Trace> {
    const start = this.ids.find(Buffer.from(root.replaceAll('-', ''), 'hex'), 0);
    if (start < 0) return Trace.EMPTY;
    const size = this.ids.size;
    const up = { starts: this.starts.subarray(0, size + 1), targets: await this.numbersOfParents() };
    this.ids.freeze();
    const depths = smallestDepths(direction === 'ancestors' ? up : reversed(up), start, maxDepth);
    return new Trace(this.ids, this.ranks, depths, orderByDepth(depths), truncated);
  }

  /** -1 for those that the trace does not reach. */
  private async numbersOfParents(): Promise<Int32Array> {
    const numbers = new Int32Array(this.parents);
    let length = 0;
    const pieces = this.parentIds;
    this.parentIds = [];
    for (let n = 0; n < pieces.length; n += 1) {
      const piece = pieces[n] ?? Buffer.of();
      for (let at = 0; at < piece.length; at += ID_BYTES) {
        numbers[length] = this.ids.find(piece, at);
        length += 1;
      }
      pieces[n] = Buffer.of();
      // A large trace must not keep other requests waiting.
      if (n % PIECES_AT_ONCE === PIECES_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return numbers;
  }
}

/** Where one can go from each record: `targets` from `starts[n]` to `starts[n + 1]`, nowhere for -1. */
interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

/** The same edges, the other way. */
function reversed({ starts, targets }: Adjacency): Adjacency {
  const size = starts.length - 1;
  const back = new Int32Array(size + 1);
  for (const target of targets) if (target >= 0) bump(back, target + 1);
  for (let n = 0; n < size; n += 1) back[n + 1] = (back[n + 1] ?? 0) + (back[n] ?? 0);
  const sources = new Int32Array(back[size] ?? 0);
  const free = back.slice();
  for (let n = 0; n < size; n += 1) {
    for (let i = starts[n] ?? 0; i < (starts[n + 1] ?? 0); i += 1) {
      const target = targets[i] ?? -1;
      if (target >= 0) sources[bump(free, target)] = n;
    }
  }
  return { starts: back, targets: sources };
}

/** An entry as {@link TraceBuilder} takes it. */
export function entryOf(id: string, rank: number, parents: readonly string[]): Buffer {
  const entry = Buffer.allocUnsafe(HEAD_BYTES + parents.length * ID_BYTES);
  entry.write(id.replaceAll('-', ''), 0, 'hex');
  entry.writeInt32BE(Math.floor(rank / 2 ** 32), 16);
  entry.writeUInt32BE(rank % 2 ** 32, 20);
  entry.writeUInt32BE(parents.length * ID_BYTES, 24);
  parents.forEach((parent, n) => entry.write(parent.replaceAll('-', ''), HEAD_BYTES + n * ID_BYTES, 'hex'));
  return entry;
}

/** Adds 1 and gives what was there before. */
function bump(counts: Int32Array, index: number): number {
  const before = counts[index] ?? 0;
  counts[index] = before + 1;
  return before;
}

/** Breadth first; -1 for what is not reached, 0 for the start alone. */
function smallestDepths(next: Adjacency, start: number, maxDepth: number): Int32Array {
  const size = next.starts.length - 1;
  const depths = new Int32Array(size).fill(-1);
  const queue = new Int32Array(size);
  depths[start] = 0;
  queue[0] = start;
  for (let head = 0, tail = 1; head < tail; head += 1) {
    const number = queue[head] ?? 0;
    const depth = (depths[number] ?? 0) + 1;
    if (depth > maxDepth) break;
    for (let i = next.starts[number] ?? 0; i < (next.starts[number + 1] ?? 0); i += 1) {
      const target = next.targets[i] ?? -1;
      if (target < 0 || depths[target] !== -1) continue;
      depths[target] = depth;
      queue[tail] = target;
      tail += 1;
    }
  }
  return depths;
}

/** Numbers by (depth, number), the start left out: within a depth the numbers are in order already. */
function orderByDepth(depths: Int32Array): Int32Array {
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
  const starts = new Int32Array(deepest + 2);
  for (const depth of depths) if (depth > 0) bump(starts, depth + 1);
  for (let depth = 0; depth <= deepest; depth += 1) {
    starts[depth + 1] = (starts[depth + 1] ?? 0) + (starts[depth] ?? 0);
  }
  const order = new Int32Array(starts[deepest + 1] ?? 0);
  depths.forEach((depth, number) => {
    if (depth > 0) order[bump(starts, depth)] = number;
  });
  return order;
}
