import type { RecordTable } from './record-table';

/** Edges as one list of targets, cut by source. */
export interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

function adjacencyOf(size: number, from: ArrayLike<number>, to: ArrayLike<number>): Adjacency {
  const starts = new Int32Array(size + 1);
  for (let e = 0; e < from.length; e += 1) {
    const at = (from[e] ?? 0) + 1;
    starts[at] = (starts[at] ?? 0) + 1;
  }
  for (let n = 0; n < size; n += 1) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0);
  const next = starts.slice(0, size);
  const targets = new Int32Array(from.length);
  for (let e = 0; e < from.length; e += 1) {
    const source = from[e] ?? 0;
    const at = next[source] ?? 0;
    targets[at] = to[e] ?? 0;
    next[source] = at + 1;
  }
  return { starts, targets };
}

/** Where the edges of a source lead, without a copy. */
export const targetsOf = ({ starts, targets }: Adjacency, source: number): Int32Array =>
  targets.subarray(starts[source] ?? 0, starts[source + 1] ?? 0);

/** Children of each record: those of records that are not registered are nobody's. */
export function recordChildren(table: RecordTable): Adjacency {
  const from = new Int32Array(table.parents.size);
  const to = new Int32Array(table.parents.size);
  let edges = 0;
  table.parents.each(table.ids, (child, parent) => {
    if (parent < 0 || parent === child) return;
    from[edges] = parent;
    to[edges] = child;
    edges += 1;
  });
  return adjacencyOf(table.size, from.subarray(0, edges), to.subarray(0, edges));
}

/** The same edges between what the ends belong to, those within one thing left out. */
export function edgesBetween({ starts, targets }: Adjacency, count: number, owner: Int32Array): Adjacency {
  const from = new Int32Array(targets.length);
  const to = new Int32Array(targets.length);
  let edges = 0;
  for (let n = 0; n + 1 < starts.length; n += 1) {
    for (let e = starts[n] ?? 0; e < (starts[n + 1] ?? 0); e += 1) {
      const [source, target] = [owner[n] ?? 0, owner[targets[e] ?? 0] ?? 0];
      if (source === target) continue;
      from[edges] = source;
      to[edges] = target;
      edges += 1;
    }
  }
  return adjacencyOf(count, from.subarray(0, edges), to.subarray(0, edges));
}
