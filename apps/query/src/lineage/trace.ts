import { IdTable } from './id-table';

// A trace is held as numbers: ids in one table, edges and depths in typed arrays, in the order in which the records
// are shown. Millions of records fit; their rows are read a page at a time.

/** Bytes of an entry before the ids of the parents: id, rank, length of what follows. */
const HEAD_BYTES = 16 + 8 + 4;
const ID_BYTES = 16;

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

/** Edges by number: the parents that a trace does not reach are left out. */
interface Graph {
  readonly ids: IdTable;
  readonly ranks: Float64Array;
  /** `[child, parent]` pairs, flat */
  readonly edges: Int32Array;
}

/**
 * Computes a trace.
 * @param chunks entries as the statement gives them: id, rank, byte length of the parents, parents; by (rank, id)
 * @param root the record the trace starts from
 */
export async function traceOf(
  chunks: readonly Buffer[],
  root: string,
  direction: Direction,
  maxDepth: number,
  truncated: boolean,
): Promise<Trace> {
  const graph = await readGraph(chunks);
  const start = graph.ids.find(Buffer.from(root.replaceAll('-', ''), 'hex'), 0);
  if (start < 0) return Trace.EMPTY;
  const next = adjacencyOf(graph, direction);
  const depths = smallestDepths(next, start, graph.ids.size, maxDepth);
  return new Trace(graph.ids, graph.ranks, depths, orderByDepth(depths), truncated);
}

async function readGraph(chunks: readonly Buffer[]): Promise<Graph> {
  let nodes = 0;
  let parents = 0;
  for (const chunk of chunks) {
    forEachEntry(chunk, (_, parentBytes) => {
      nodes += 1;
      parents += parentBytes / ID_BYTES;
    });
  }
  const ids = new IdTable(nodes);
  const ranks = new Float64Array(nodes);
  for (const chunk of chunks) {
    forEachEntry(chunk, (offset) => {
      ranks[ids.size] = chunk.readInt32BE(offset + 16) * 2 ** 32 + chunk.readUInt32BE(offset + 20);
      ids.add(chunk, offset);
    });
    await otherWorkFirst();
  }
  const edges = new Int32Array(parents * 2);
  let length = 0;
  let child = 0;
  for (const chunk of chunks) {
    forEachEntry(chunk, (offset, parentBytes) => {
      const first = offset + HEAD_BYTES;
      for (let at = first; at < first + parentBytes; at += ID_BYTES) {
        const parent = ids.find(chunk, at);
        if (parent < 0) continue;
        edges[length] = child;
        edges[length + 1] = parent;
        length += 2;
      }
      child += 1;
    });
    await otherWorkFirst();
  }
  return { ids, ranks, edges: edges.subarray(0, length) };
}

/** A large trace must not keep other requests waiting. */
const otherWorkFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function forEachEntry(chunk: Buffer, visit: (offset: number, parentBytes: number) => void): void {
  for (let offset = 0; offset < chunk.length;) {
    const parentBytes = chunk.readUInt32BE(offset + 24);
    visit(offset, parentBytes);
    offset += HEAD_BYTES + parentBytes;
  }
}

/** Where one can go from each record: `targets` from `starts[n]` to `starts[n + 1]`. */
interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

function adjacencyOf({ ids, edges }: Graph, direction: Direction): Adjacency {
  const from = direction === 'ancestors' ? 0 : 1;
  const starts = new Int32Array(ids.size + 1);
  for (let i = from; i < edges.length; i += 2) bump(starts, (edges[i] ?? 0) + 1);
  for (let n = 0; n < ids.size; n += 1) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0);
  const targets = new Int32Array(edges.length / 2);
  const free = starts.slice();
  for (let i = 0; i < edges.length; i += 2) {
    targets[bump(free, edges[i + from] ?? 0)] = edges[i + 1 - from] ?? 0;
  }
  return { starts, targets };
}

/** Adds 1 and gives what was there before. */
function bump(counts: Int32Array, index: number): number {
  const before = counts[index] ?? 0;
  counts[index] = before + 1;
  return before;
}

/** Breadth first; -1 for what is not reached, 0 for the start alone. */
function smallestDepths(next: Adjacency, start: number, size: number, maxDepth: number): Int32Array {
  const depths = new Int32Array(size).fill(-1);
  const queue = new Int32Array(size);
  depths[start] = 0;
  queue[0] = start;
  for (let head = 0, tail = 1; head < tail; head += 1) {
    const number = queue[head] ?? 0;
    const depth = (depths[number] ?? 0) + 1;
    if (depth > maxDepth) break;
    for (let i = next.starts[number] ?? 0; i < (next.starts[number + 1] ?? 0); i += 1) {
      const target = next.targets[i] ?? 0;
      if (depths[target] !== -1) continue;
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
