import {
  awaitedWords,
  lossyWords,
  PROVEN,
  repeatedWords,
  unfinishedWords,
  UNKNOWN,
} from './completeness-words';
import type { ExecutionStatus } from './execution';
import { accountedTo, confirmedAt, highestOf, recorderStateOf, type Loss, type Recorder } from './recorder';
import { sequencesOf, subtract, unite, type Sequences } from './sequences';

export const COMPLETENESS_STATES = ['proven', 'open', 'lossy', 'unknown'] as const;
/** Whether everything recorded of an execution is known to be here. */
export type CompletenessState = (typeof COMPLETENESS_STATES)[number];

/** Stands for the recorder of events that came without one. */
export const NO_RECORDER = '00000000-0000-0000-0000-000000000000';

/**
 * How far the clock of a service may be from that of the database: a loss told longer than this before an execution
 * began does not concern it.
 */
export const CLOCK_TOLERANCE_MS = 10 * 60 * 1000;

/** What is known of a recorder in one execution. Times are milliseconds since 1970. */
export interface Coverage {
  /** `NO_RECORDER`: of events that came without a sequence */
  readonly recorderId: string;
  /** sequence of the start of the execution, if this recorder told it: it recorded nothing of it before */
  readonly startedSequence: number | null;
  /** sequence of the end of the execution, if this recorder told it */
  readonly endedSequence: number | null;
  /** when its end had arrived, by the clock of the database */
  readonly endedAt: number | null;
  /** sequences of events of the execution that were rejected */
  readonly rejected: Sequences;
}

/** What completeness needs to know of an execution. */
export interface CoveredExecution {
  readonly id: string;
  readonly status: ExecutionStatus;
  /** registered records that have not ended */
  readonly pending: number;
  readonly unsettled: number;
  readonly placeholders: number;
  /** time of its earliest event, by the clock of whoever recorded it */
  readonly firstEventAt: number;
}

/** Sequences of a recorder that did not arrive. */
export interface MissingRange {
  readonly recorderId: string;
  readonly from: number;
  readonly to: number;
}

export interface Completeness {
  readonly state: CompletenessState;
  /** what it means, as sentences */
  readonly reason: string;
  /** records that have not settled, or that are mentioned but not registered */
  readonly pending: number;
  /** of a lossy execution, what did not arrive */
  readonly ranges: readonly MissingRange[];
  /** a command to type next */
  readonly advice: string | null;
}

/**
 * Whether everything recorded of an execution is here, and how that is known. What is lost or rejected makes it lossy,
 * whatever else; events without sequences, or that share one, leave it unknown; it is open until it has ended, everything
 * has settled, and every recorder seen in it has since sent a heartbeat that is accounted for, or is over with all accounted for.
 * @param coverages of the recorders seen in it
 * @param recorders by id, at least those
 * @param now milliseconds since 1970, by the clock of the database
 */
export function completenessOf(
  execution: CoveredExecution,
  coverages: readonly Coverage[],
  recorders: ReadonlyMap<string, Recorder>,
  now: number,
): Completeness {
  const pending = execution.unsettled + execution.placeholders;
  const answer = (
    state: CompletenessState,
    reason: string,
    more: Partial<Pick<Completeness, 'ranges' | 'advice'>> = {},
  ): Completeness => ({ state, reason, pending, ranges: [], advice: null, ...more });
  const known = coverages.filter(({ recorderId }) => recorderId !== NO_RECORDER);
  const endedAt = endOf(execution, coverages);
  const losses = known.flatMap((coverage) =>
    lossesOf(execution, coverage, endedAt, recorders.get(coverage.recorderId)),
  );
  if (losses.length > 0) return answer('lossy', ...lossyWords(losses, recorders));
  if (known.length === 0 || known.length < coverages.length) return answer('unknown', UNKNOWN);
  const repeated = repeatedWords(known, recorders);
  if (repeated) return answer('unknown', ...repeated);
  const gone = known.filter(({ recorderId }) => {
    const recorder = recorders.get(recorderId);
    return recorder && recorderStateOf(recorder, now) === 'gone';
  });
  const unfinished = unfinishedWords(execution, gone, recorders);
  if (unfinished) return answer('open', ...unfinished);
  const waiting = known.filter((coverage) => !speaksFor(coverage, endedAt, recorders));
  if (waiting.length === 0) return answer('proven', PROVEN);
  return answer('open', ...awaitedWords(waiting, recorders, now));
}

/** When the end of an execution had arrived; null while there is none. */
export function endOf({ status }: CoveredExecution, coverages: readonly Coverage[]): number | null {
  if (status === 'running') return null;
  const ends = coverages.flatMap(({ endedAt }) => endedAt ?? []);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** What of a recorder's events did not arrive. */
export interface Missing {
  readonly recorderId: string;
  readonly lost: Sequences;
  readonly rejected: Sequences;
}

/** What did not arrive and may be of the execution: where the recorder does not say of which it was, time and order do. */
export function lossesOf(
  { firstEventAt }: CoveredExecution,
  { recorderId, startedSequence, endedSequence, rejected }: Coverage,
  endedAt: number | null,
  recorder: Recorder | undefined,
): Missing[] {
  const received = recorder?.received ?? [];
  const isOfIt = ({ range: [from, to], after, at }: Loss): boolean =>
    (startedSequence === null ? at >= firstEventAt - CLOCK_TOLERANCE_MS : to > startedSequence) &&
    (endedAt === null || (endedSequence === null ? after === null || after < endedAt : from < endedSequence));
  const ranges = (recorder?.losses ?? []).filter(isOfIt).map(({ range }) => range);
  const lost = subtract(sequencesOf(ranges), unite(received, rejected));
  const refused = subtract(rejected, received);
  return lost.length + refused.length > 0 ? [{ recorderId, lost, rejected: refused }] : [];
}

/**
 * Whether a recorder records nothing more and all that it recorded is accounted for: it has closed, or whoever took its spool
 * has said that its process died. One that is merely silent may have more on its disk, or come back.
 */
const isOverWhole = (recorder: Recorder, accounted: number): boolean =>
  (recorder.closed || (recorder.gone && recorder.queued === 0 && recorder.spooled === 0)) &&
  accounted >= highestOf(recorder);

/** Whether nothing of the execution can be under way from a recorder: it has said so since the end, or is over for good. */
export function speaksFor(
  { recorderId, endedSequence }: Coverage,
  endedAt: number | null,
  recorders: ReadonlyMap<string, Recorder>,
): boolean {
  const recorder = recorders.get(recorderId);
  if (!recorder) return false;
  const accounted = accountedTo(recorder);
  if (isOverWhole(recorder, accounted)) return true;
  const confirmed = confirmedAt(recorder);
  return confirmed !== null && confirmed >= (endedAt ?? 0) && accounted >= (endedSequence ?? 0);
}
