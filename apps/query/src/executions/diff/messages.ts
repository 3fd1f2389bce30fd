import { edgesBetween, recordChildren, type Adjacency } from './adjacency';
import { linesOf } from './lines';
import { OUTCOME, type RecordTable } from './record-table';

/**
 * The messages of an execution: attempts at the same message (`retry_of`) are one, and what a later attempt registered
 * again, for the same adapter with the same input, is one with what the earlier attempt had registered. A message is
 * numbered in the order of the smallest id among its attempts.
 */
export class Messages {
  readonly count: number;
  /** of each record */
  readonly messageOf: Int32Array;
  /** record of the first and of the last attempt, by registration and id */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** record with the smallest id */
  readonly key: Int32Array;
  readonly attempts: Int32Array;
  /** messages one step below; may hold one more than once, never the message itself */
  readonly children: Adjacency;

  constructor(readonly table: RecordTable) {
    const records = recordChildren(table);
    const lines = linesOf(table, records);
    this.messageOf = new Int32Array(table.size);
    let count = 0;
    // The root of a line is its smallest number.
    for (let n = 0; n < table.size; n += 1) {
      const root = lines.rootOf(n);
      this.messageOf[n] = root === n ? count++ : (this.messageOf[root] ?? 0);
    }
    this.count = count;
    this.first = new Int32Array(count).fill(-1);
    this.last = new Int32Array(count).fill(-1);
    this.key = new Int32Array(count).fill(-1);
    this.attempts = new Int32Array(count);
    for (let n = 0; n < table.size; n += 1) this.addAttempt(this.messageOf[n] ?? 0, n);
    this.children = edgesBetween(records, count, this.messageOf);
  }

  private addAttempt(message: number, record: number): void {
    const first = this.first[message] ?? -1;
    const last = this.last[message] ?? -1;
    if (first < 0 || this.table.compare(record, first) < 0) this.first[message] = record;
    if (last < 0 || this.table.compare(record, last) > 0) this.last[message] = record;
    if (first < 0) this.key[message] = record;
    this.attempts[message] = (this.attempts[message] ?? 0) + 1;
  }

  /** What became of the message: of its last attempt. */
  outcome(message: number): number {
    return this.table.outcome[this.last[message] ?? 0] ?? OUTCOME.open;
  }

  /** Which of two messages came first. */
  readonly compare = (a: number, b: number): number =>
    this.table.compare(this.first[a] ?? 0, this.first[b] ?? 0);
}
