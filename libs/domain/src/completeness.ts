import type { ExecutionStatus } from './execution';
import {
  accountedTo,
  confirmedAt,
  gapsOf,
  highestOf,
  recorderStateOf,
  type Loss,
  type Recorder,
} from './recorder';
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
  readonly status: ExecutionStatus;
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

const IMPORT = 'factflow lineage import <structured log or spool>';
/** Recorders that a reason names. */
const NAMED = 3;

/**
 * Whether everything recorded of an execution is here, and how that is known. What is lost or rejected makes it lossy,
 * whatever else; events without sequences leave it unknown; it is open until it has ended, everything has settled, and
 * every recorder seen in it has since sent a heartbeat that is accounted for.
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
  if (losses.length > 0) return answer('lossy', ...lossy(losses, recorders));
  if (known.length === 0 || known.length < coverages.length) return answer('unknown', UNKNOWN);
  const unfinished = unfinishedReason(execution);
  if (unfinished !== undefined) return answer('open', unfinished);
  const waiting = known.filter((coverage) => !speaksFor(coverage, endedAt, recorders));
  if (waiting.length === 0) return answer('proven', PROVEN);
  return answer('open', ...awaited(waiting, recorders, now));
}

const UNKNOWN =
  'Events of it came without a recorder and its sequence, so that nobody can tell whether one is missing.';
const PROVEN =
  'It has ended, every record has settled, and every recorder seen in it has since reported with none of its events missing.';

/** When the end of an execution had arrived; null while there is none. */
export function endOf({ status }: CoveredExecution, coverages: readonly Coverage[]): number | null {
  if (status === 'running') return null;
  const ends = coverages.flatMap(({ endedAt }) => endedAt ?? []);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** What a recorder did not get through. */
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

type Told = [reason: string, more: Partial<Pick<Completeness, 'ranges' | 'advice'>>];

function lossy(missing: readonly Missing[], recorders: ReadonlyMap<string, Recorder>): Told {
  const ranges = missing.flatMap(({ recorderId, lost, rejected }) =>
    unite(lost, rejected).map(([from, to]): MissingRange => ({ recorderId, from, to })),
  );
  const names = (chosen: readonly Missing[]): string => namesOf(chosen, recorders);
  const lost = missing.filter((one) => one.lost.length > 0);
  const rejected = missing.filter((one) => one.rejected.length > 0);
  const parts = [
    lost.length > 0
      ? `Events that may be of it were given up by ${names(lost)}; they are in its structured log or spool, to be imported.`
      : '',
    rejected.length > 0
      ? `Events of it from ${names(rejected)} were rejected; its structured log says why.`
      : '',
  ];
  return [parts.filter((part) => part !== '').join(' '), { ranges, advice: lost.length > 0 ? IMPORT : null }];
}

/** Why an execution is not over, if it is not. */
function unfinishedReason({ status, unsettled, placeholders }: CoveredExecution): string | undefined {
  const parts = [
    status === 'running' ? 'it has not ended' : '',
    unsettled > 0 ? `${unsettled} of its records have not settled` : '',
    placeholders > 0 ? `${placeholders} records that others mention are not registered` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const text = parts.join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}: more is to come.`;
}

/** Whether a recorder has said, since the execution ended, that nothing of it is under way. */
export function speaksFor(
  { recorderId, endedSequence }: Coverage,
  endedAt: number | null,
  recorders: ReadonlyMap<string, Recorder>,
): boolean {
  const recorder = recorders.get(recorderId);
  if (!recorder) return false;
  const accounted = accountedTo(recorder);
  if (recorder.closed && accounted >= highestOf(recorder)) return true;
  const confirmed = confirmedAt(recorder);
  return confirmed !== null && confirmed >= (endedAt ?? 0) && accounted >= (endedSequence ?? 0);
}

function awaited(waiting: readonly Coverage[], recorders: ReadonlyMap<string, Recorder>, now: number): Told {
  const found = waiting.map(({ recorderId }) => {
    const recorder = recorders.get(recorderId);
    return {
      recorderId,
      state: recorder ? recorderStateOf(recorder, now) : 'silent',
      gaps: recorder ? gapsOf(recorder, now).count : 0,
    } as const;
  });
  const of = (test: (one: (typeof found)[number]) => boolean, text: (names: string) => string): string[] => {
    const chosen = found.filter(test);
    return chosen.length > 0 ? [text(namesOf(chosen, recorders))] : [];
  };
  const isOver = (state: string): boolean => state === 'gone' || state === 'closed';
  const parts = [
    ...of(
      ({ state, gaps }) => isOver(state) && gaps > 0,
      (names) => `Events of ${names} are missing, and it is gone: its spool or structured log may have them.`,
    ),
    ...of(
      ({ state, gaps }) => isOver(state) && gaps === 0,
      (names) => `Nothing was heard of ${names} since: what it had not sent may be in its spool.`,
    ),
    ...of(
      ({ state }) => state === 'silent',
      (names) => `No heartbeat has come of ${names}.`,
    ),
    ...of(
      ({ state }) => state === 'alive' || state === 'stuck',
      (names) => `Not everything that ${names} had recorded when the execution ended has arrived yet.`,
    ),
  ];
  return [
    parts.join(' '),
    { advice: found.some(({ state }) => isOver(state)) ? IMPORT : 'factflow recorders' },
  ];
}

function namesOf(
  chosen: readonly { readonly recorderId: string }[],
  recorders: ReadonlyMap<string, Recorder>,
): string {
  const names = chosen.slice(0, NAMED).map(({ recorderId }) => {
    const { service, host } = recorders.get(recorderId) ?? {};
    return service ? `recorder ${recorderId} (${service} on ${host})` : `recorder ${recorderId}`;
  });
  const more = chosen.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
