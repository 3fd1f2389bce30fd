import type { RecordGraph } from './record-graph';

/** The joins that a graph has, to be ticked off: 5 bytes a join, and 4 a record where there are any. */
export class JoinTable {
  /** where the children of a parent begin */
  private readonly first: Int32Array;
  /** ascending for each parent */
  private readonly children: Int32Array;
  private readonly seen: Uint8Array;

  constructor(private readonly graph: RecordGraph) {
    const count = graph.joinCount;
    this.children = new Int32Array(count);
    this.seen = new Uint8Array(count);
    this.first = new Int32Array(count === 0 ? 0 : graph.total + 1);
    if (count > 0) this.fill();
  }

  get size(): number {
    return this.children.length;
  }

  /** Ticks a join off. @returns whether it is one */
  tick(parentId: string, childId: string): boolean {
    const parent = this.graph.numberOf(parentId);
    const child = this.graph.numberOf(childId);
    if (parent < 0 || child < 0 || this.size === 0) return false;
    let low = this.first[parent] ?? 0;
    let high = (this.first[parent + 1] ?? 0) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.children[middle] ?? 0;
      if (found === child) {
        this.seen[middle] = 1;
        return true;
      }
      if (found < child) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  /** The joins that were not ticked off. */
  *left(): Generator<{ readonly parentId: string; readonly childId: string }> {
    for (let parent = 0; parent + 1 < this.first.length; parent += 1) {
      const end = this.first[parent + 1] ?? 0;
      for (let place = this.first[parent] ?? 0; place < end; place += 1) {
        if (this.seen[place] === 1) continue;
        yield { parentId: this.graph.idOf(parent), childId: this.graph.idOf(this.children[place] ?? 0) };
      }
    }
  }

  private fill(): void {
    const { first, graph } = this;
    for (const [, parent] of graph.joins()) first[parent + 1] = (first[parent + 1] ?? 0) + 1;
    for (let parent = 0; parent + 1 < first.length; parent += 1)
      first[parent + 1] = (first[parent + 1] ?? 0) + (first[parent] ?? 0);
    const next = first.slice();
    for (const [child, parent] of graph.joins()) {
      this.children[next[parent] ?? 0] = child;
      next[parent] = (next[parent] ?? 0) + 1;
    }
  }
}
