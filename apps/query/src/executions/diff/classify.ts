import { OUTCOME, type RecordTable } from './record-table';

/** What became of a message from one execution to the other, the worst first: rows come in this order. */
export const DIFF_CLASSES = [
  'newly_failing',
  'missing',
  'newly_cancelled',
  'failing_differently',
  'failing_same',
  'pending',
  'output_changed',
  'extra',
  'fixed',
  'identical',
] as const;
export type DiffClass = (typeof DIFF_CLASSES)[number];

/** Slower: more than twice as long, and longer by as much as this. */
export const SLOWER_FACTOR = 2;
export const SLOWER_MS = 100;

/** A message on one side: its last attempt. */
export interface Attempt {
  readonly table: RecordTable;
  readonly record: number;
  /** whether its execution is over */
  readonly ended: boolean;
}

type End = 'open' | 'done' | 'failing';

/** In b, what is not finished is never anything but open. In a it counts as failing where nothing will finish it. */
export const endOfB = ({ table, record }: Attempt): End => {
  const outcome = table.outcome[record];
  if (outcome === OUTCOME.done) return 'done';
  return outcome === OUTCOME.failed || outcome === OUTCOME.cancelled ? 'failing' : 'open';
};
const endOfA = (a: Attempt): End => {
  const end = endOfB(a);
  return end === 'open' && (a.ended || a.table.outcome[a.record] === OUTCOME.stalled) ? 'failing' : end;
};

/** The class of a message that both executions have. */
export function classOfPair(a: Attempt, b: Attempt): DiffClass {
  const [endA, endB] = [endOfA(a), endOfB(b)];
  if (endA === 'open' || endB === 'open') return 'pending';
  if (isCancelled(b) && !isCancelled(a)) return 'newly_cancelled';
  if (endA === 'failing' && endB === 'failing')
    return failsTheSame(a, b) ? 'failing_same' : 'failing_differently';
  if (endA === 'failing') return 'fixed';
  if (endB === 'failing') return 'newly_failing';
  return isEqual(a.table.outputs, a.record, b.table.outputs, b.record) ? 'identical' : 'output_changed';
}

/** What b alone cancelled did not fail there: nobody knows how it would have ended. */
const isCancelled = ({ table, record }: Attempt): boolean => table.outcome[record] === OUTCOME.cancelled;

/** The class of a message of a that b does not have: while b goes on, it may still come. */
export const classWithoutB = (bEnded: boolean): DiffClass => (bEnded ? 'missing' : 'pending');

function failsTheSame(a: Attempt, b: Attempt): boolean {
  const [outcomeA, outcomeB] = [a.table.outcome[a.record], b.table.outcome[b.record]];
  return outcomeA === outcomeB && isEqual(a.table.errors, a.record, b.table.errors, b.record);
}

type Digests = RecordTable['outputs'];

const isEqual = (a: Digests, recordA: number, b: Digests, recordB: number): boolean =>
  a.high(recordA) === b.high(recordB) && a.low(recordA) === b.low(recordB);

/** Whether a message that came to the same end took clearly longer. */
export function isSlower(found: DiffClass, a: Attempt, b: Attempt): boolean {
  if (found !== 'identical' && found !== 'output_changed' && found !== 'failing_same') return false;
  const [before, after] = [a.table.durationMs[a.record] ?? -1, b.table.durationMs[b.record] ?? -1];
  return before >= 0 && after > SLOWER_FACTOR * before && after - before >= SLOWER_MS;
}
