import { parentIdsOf, type RecordState, type RecordStatus } from '@factflow/domain';
import { IdList, Integers } from './id-list';

// What all records of an execution amount to together, worked out from scratch: who has which children, and which of them
// have settled. Records come in the order of their ids. About 60 bytes a record and 5 to 25 an edge are held, never rows.
//
// The least solution is found from below: what has ended and waits for no child settles, and takes one child from each of
// its parents. A cycle never begins.

/** Counts a row has stored. */
export interface StoredCounts {
  readonly children: number;
  readonly pendingChildren: number;
}

/** A record as far as the graph is concerned. */
export interface GraphRecord {
  readonly id: string;
  /** as its events make it; null: none is stored */
  readonly facts: RecordState | null;
  /** what its row says; null: it has no row */
  readonly counts: StoredCounts | null;
  /** which sum of statistics it is part of; -1: none */
  readonly sum: number;
  /** whether its row is known to have no reason */
  readonly isOrphan: boolean;
}

/** Flags of a record. */
const HAS_EVENTS = 1;
const HAS_ROW = 2;
const REGISTERED = 4;
const ORPHAN = 8;
const STATUS_SHIFT = 4;
const STATUSES = ['pending', 'completed', 'failed', 'cancelled'] as const satisfies readonly RecordStatus[];

/** One record of a recounted graph. */
export interface Recounted extends StoredCounts {
  readonly id: string;
  readonly hasEvents: boolean;
  readonly isOrphan: boolean;
  readonly registered: boolean;
  readonly settled: boolean;
  readonly status: RecordStatus;
  readonly sum: number;
  readonly stored: StoredCounts | null;
}

export class RecordGraph {
  private readonly ids = new IdList();
  private readonly flags = new Integers();
  private readonly sums = new Integers();
  private readonly storedChildren = new Integers();
  private readonly storedPending = new Integers();
  private joined = 0;
  /** where the edges of a record begin */
  private readonly firstEdge = new Integers();
  private parentIds = new IdList();
  private readonly isJoin = new Integers();
  /** records that are mentioned as parents and have neither events nor a row */
  private readonly absent = new Map<string, number>();
  private absentIds: readonly string[] = [];
  private parents = new Int32Array();
  private children = new Int32Array();
  private pending = new Int32Array();
  private settled = new Uint8Array();

  /** Records added. */
  get size(): number {
    return this.ids.size;
  }

  /** Edges from children to parents. */
  get edges(): number {
    return this.isJoin.size;
  }

  /** Edges that are joins. */
  get joinCount(): number {
    return this.joined;
  }

  /** Adds a record; ids ascend. */
  add({ id, facts, counts, sum, isOrphan }: GraphRecord): void {
    this.ids.push(id);
    this.sums.push(sum);
    this.storedChildren.push(counts?.children ?? 0);
    this.storedPending.push(counts?.pendingChildren ?? 0);
    this.firstEdge.push(this.edges);
    const registered = facts !== null && facts.registration !== null;
    this.flags.push(
      (facts ? HAS_EVENTS : 0) |
        (counts ? HAS_ROW : 0) |
        (registered ? REGISTERED : 0) |
        (isOrphan ? ORPHAN : 0) |
        (STATUSES.indexOf(facts?.status ?? 'pending') << STATUS_SHIFT),
    );
    if (!registered) return;
    for (const parent of parentIdsOf(facts)) {
      this.parentIds.push(parent);
      const isJoin = parent === facts.parentId ? 0 : 1;
      this.isJoin.push(isJoin);
      this.joined += isJoin;
    }
  }

  /** Works out children and what has settled. Nothing is added any more. */
  count(): void {
    this.firstEdge.push(this.edges);
    this.parents = Int32Array.from({ length: this.edges }, (_, edge) => this.parentOf(edge));
    this.parentIds = new IdList();
    this.absentIds = [...this.absent.keys()];
    this.children = new Int32Array(this.total);
    for (const parent of this.parents) this.children[parent] = (this.children[parent] ?? 0) + 1;
    this.pending = this.children.slice();
    this.settled = new Uint8Array(this.total);
    this.settle();
  }

  /** All records, those that only others mention last. */
  *all(): Generator<Recounted> {
    for (let number = 0; number < this.total; number += 1) yield this.recounted(number);
  }

  /** Records, and others that only edges mention. */
  get total(): number {
    return this.size + this.absent.size;
  }

  /** The number of a record, mentioned ones included; -1 when there is none. */
  numberOf(id: string): number {
    const found = this.ids.find(id);
    return found >= 0 ? found : (this.absent.get(id) ?? -1);
  }

  idOf(number: number): string {
    return number < this.size ? this.ids.at(number) : (this.absentIds[number - this.size] ?? '');
  }

  /** The parents of records beside their `parentId`, by number, child after child. */
  *joins(): Generator<readonly [child: number, parent: number]> {
    for (let child = 0; child < this.size; child += 1) {
      for (let edge = this.firstEdge.at(child); edge < this.firstEdge.at(child + 1); edge += 1)
        if (this.isJoin.at(edge) === 1) yield [child, this.parents[edge] ?? 0];
    }
  }

  private parentOf(edge: number): number {
    const found = this.ids.findOf(this.parentIds, edge);
    if (found >= 0) return found;
    const id = this.parentIds.at(edge);
    const number = this.absent.get(id) ?? this.size + this.absent.size;
    this.absent.set(id, number);
    return number;
  }

  private settle(): void {
    const { pending, parents, settled, size } = this;
    const stack = new Int32Array(size);
    let height = 0;
    const push = (number: number): void => {
      settled[number] = 1;
      stack[height] = number;
      height += 1;
    };
    for (let number = 0; number < size; number += 1)
      if (this.hasEnded(number) && pending[number] === 0) push(number);
    while (height > 0) {
      height -= 1;
      const child = stack[height] ?? 0;
      const end = this.firstEdge.at(child + 1);
      for (let edge = this.firstEdge.at(child); edge < end; edge += 1) {
        const parent = parents[edge] ?? 0;
        const left = (pending[parent] ?? 0) - 1;
        pending[parent] = left;
        if (left === 0 && parent < size && this.hasEnded(parent)) push(parent);
      }
    }
  }

  private hasEnded(number: number): boolean {
    const flags = this.flags.at(number);
    return (flags & REGISTERED) !== 0 && flags >> STATUS_SHIFT !== 0;
  }

  private recounted(number: number): Recounted {
    const known = number < this.size;
    const flags = known ? this.flags.at(number) : 0;
    return {
      id: this.idOf(number),
      hasEvents: (flags & HAS_EVENTS) !== 0,
      isOrphan: (flags & ORPHAN) !== 0,
      registered: (flags & REGISTERED) !== 0,
      settled: this.settled[number] === 1,
      status: STATUSES[flags >> STATUS_SHIFT] ?? 'pending',
      sum: known ? this.sums.at(number) : -1,
      children: this.children[number] ?? 0,
      pendingChildren: this.pending[number] ?? 0,
      stored:
        (flags & HAS_ROW) === 0
          ? null
          : { children: this.storedChildren.at(number), pendingChildren: this.storedPending.at(number) },
    };
  }
}
