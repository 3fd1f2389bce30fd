import {
  lastOf,
  reachOf,
  sequencesOf,
  sizeOf,
  subtract,
  unite,
  type SequenceRange,
  type Sequences,
} from './sequences';

// What the servers know of a recorder: what it says of itself in heartbeats, and which of its events have arrived. A
// recorder numbers its events from 1 without gaps, so that what is missing can be told by number. It is *accounted for*
// up to a sequence when every event up to there is stored, was rejected, or is said by the recorder itself to be lost.
//
// A heartbeat that is accounted for proves that nothing recorded before it is still under way. Events come a moment after
// the heartbeat that counts them, and the next heartbeat counts new ones: so one heartbeat at a time, the mark, is kept
// until it is accounted for, and then becomes the confirmed one. What is proved once stays so.

/** Events a recorder has given up. Times are milliseconds since 1970, by the clock of the database. */
export interface Loss {
  readonly range: SequenceRange;
  /** when a heartbeat came that does not count the first of the range yet; null: not known */
  readonly after: number | null;
  /** when the heartbeat came that said so first */
  readonly at: number;
}

/** A recorder as it describes itself. */
export interface Heartbeat {
  readonly service: string;
  readonly host: string;
  /** 0: its process has died, and somebody else speaks for it */
  readonly pid: number;
  /** milliseconds since 1970, by its own clock */
  readonly startedAt: number;
  /** sequence of the last event it has recorded; 0: none yet */
  readonly highestSequence: number;
  /** events that have not been taken by the server yet, wherever they are */
  readonly queued: number;
  /** those of them that are on its disk */
  readonly spooled: number;
  /** sequences of events it has given up */
  readonly lost: Sequences;
  /** how long ago the main thread of its process was last seen at work */
  readonly mainThreadAgeMs: number | null;
  /** it has ended properly and records nothing more */
  readonly closed: boolean;
  /** payloads that wait to be stored, those it took over from dead processes among them; null or left out: not known */
  readonly payloads?: number | null;
}

/** A recorder as it is stored; null where no heartbeat has told yet. */
export interface Recorder {
  readonly id: string;
  readonly service: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly startedAt: number | null;
  readonly heartbeatAt: number | null;
  readonly highestSequence: number;
  readonly queued: number;
  readonly spooled: number;
  readonly mainThreadAgeMs: number | null;
  readonly payloads: number | null;
  readonly closed: boolean;
  /** whoever spoke for it last said that its process has died */
  readonly gone: boolean;
  /** sequences of its events that are stored, or of executions that were pruned */
  readonly received: Sequences;
  readonly rejected: Sequences;
  /** sequences that more than one of its events has: its numbers prove nothing */
  readonly repeated: Sequences;
  readonly losses: readonly Loss[];
  /** the heartbeat that is waited for to be accounted for */
  readonly mark: { readonly at: number; readonly sequence: number } | null;
  /** when the last heartbeat came that is accounted for */
  readonly confirmedAt: number | null;
}

export const RECORDER_STATES = ['alive', 'stuck', 'gone', 'closed', 'silent'] as const;
/** `silent`: its events came, but never a heartbeat. */
export type RecorderState = (typeof RECORDER_STATES)[number];

/** A recorder without a heartbeat for longer is gone, even if nobody has said so. */
export const GONE_AFTER_MS = 30_000;
/** A main thread that was not seen for longer is stuck. */
export const STUCK_AFTER_MS = 5000;
/** Losses kept apart; past it the oldest are told as one range, which never hides a lost event. */
export const MAX_LOSSES = 1000;

/** @param now milliseconds since 1970, by the clock of the database */
export function recorderStateOf(
  recorder: Pick<Recorder, 'closed' | 'gone' | 'heartbeatAt' | 'mainThreadAgeMs'>,
  now: number,
): RecorderState {
  const { closed, gone, heartbeatAt, mainThreadAgeMs } = recorder;
  if (closed) return 'closed';
  if (heartbeatAt === null) return 'silent';
  if (gone || heartbeatAt < now - GONE_AFTER_MS) return 'gone';
  return (mainThreadAgeMs ?? 0) > STUCK_AFTER_MS ? 'stuck' : 'alive';
}

const rangesOf = (losses: readonly Loss[]): Sequences => sequencesOf(losses.map(({ range }) => range));

/** Sequences the recorder has lost and that have not come by another way, such as an import, since. */
export const lostOf = ({ losses, received }: Pick<Recorder, 'losses' | 'received'>): Sequences =>
  subtract(rangesOf(losses), received);

/** Sequences of rejected events of which no corrected one has come since. */
export const rejectedOf = ({ rejected, received }: Pick<Recorder, 'rejected' | 'received'>): Sequences =>
  subtract(rejected, received);

/** Up to which sequence a recorder is accounted for. */
export const accountedTo = ({ received, rejected, losses }: Recorder): number =>
  reachOf(unite(received, rejected, rangesOf(losses)));

/** The highest sequence known of a recorder, whether it said so or its event came. */
export const highestOf = ({ highestSequence, received }: Recorder): number =>
  Math.max(highestSequence, lastOf(received));

/** When the last heartbeat came that is accounted for; null: none is. */
export function confirmedAt(recorder: Recorder): number | null {
  const accounted = accountedTo(recorder);
  if (recorder.heartbeatAt !== null && accounted >= highestOf(recorder)) return recorder.heartbeatAt;
  const { mark } = recorder;
  return mark !== null && accounted >= mark.sequence ? mark.at : recorder.confirmedAt;
}

/** What is missing of a recorder's events. */
export interface Gaps {
  readonly ranges: Sequences;
  /** how many are missing, without those that the recorder still has */
  readonly count: number;
}

/** Sequences up to the highest of which nothing is known. What a process that is gone had in memory is missing too. */
export function gapsOf(recorder: Recorder, now: number): Gaps {
  const { received, rejected, losses, queued, spooled } = recorder;
  const known = unite(received, rejected, rangesOf(losses));
  const ranges = subtract([[1, highestOf(recorder)]], known);
  const state = recorderStateOf(recorder, now);
  const held = state === 'alive' || state === 'stuck' ? Math.max(queued, spooled) : spooled;
  return { ranges, count: Math.max(0, sizeOf(ranges) - held) };
}

/**
 * A recorder after a heartbeat. Nothing goes backwards: the highest sequence stays the highest, losses gather, and
 * closed is closed unless the recorder has started again since.
 * @param now when the heartbeat came, by the clock of the database
 */
export function applyHeartbeat(recorder: Recorder, heartbeat: Heartbeat, now: number): Recorder {
  const { startedAt, heartbeatAt } = recorder;
  // One that was overtaken by the start of another process: what it has recorded and lost is true all the same.
  const outdated = startedAt !== null && heartbeat.startedAt < startedAt;
  const restarted = startedAt !== null && heartbeat.startedAt > startedAt;
  const highestSequence = Math.max(
    recorder.highestSequence,
    heartbeat.highestSequence,
    lastOf(heartbeat.lost),
  );
  const next: Recorder = {
    ...recorder,
    ...(!outdated && {
      service: heartbeat.service,
      // Whoever speaks for a process that died may not know.
      host: heartbeat.host === '' ? recorder.host : heartbeat.host,
      pid: heartbeat.pid === 0 ? recorder.pid : heartbeat.pid,
      startedAt: heartbeat.startedAt,
      heartbeatAt: Math.max(heartbeatAt ?? 0, now),
      queued: heartbeat.queued,
      spooled: heartbeat.spooled,
      mainThreadAgeMs: heartbeat.mainThreadAgeMs,
      payloads: heartbeat.payloads ?? (heartbeat.pid === 0 ? recorder.payloads : null),
      closed: heartbeat.closed || (recorder.closed && !restarted),
      gone: heartbeat.pid === 0,
    }),
    highestSequence,
    losses: addLosses(recorder, heartbeat.lost, now),
    confirmedAt: confirmedAt(recorder),
  };
  const { mark } = recorder;
  const waits = mark !== null && accountedTo(recorder) < mark.sequence;
  return waits || outdated ? next : { ...next, mark: { at: now, sequence: highestOf(next) } };
}

function addLosses(recorder: Recorder, lost: Sequences, now: number): readonly Loss[] {
  const news = subtract(lost, rangesOf(recorder.losses)).map((range): Loss => {
    const isLater = recorder.heartbeatAt !== null && range[0] > recorder.highestSequence;
    return { range, after: isLater ? recorder.heartbeatAt : null, at: now };
  });
  if (news.length === 0) return recorder.losses;
  const all = [...recorder.losses, ...news].sort((a, b) => a.range[0] - b.range[0]);
  const excess = all.length - MAX_LOSSES;
  return excess <= 0 ? all : [all.slice(0, excess + 1).reduce(asOne), ...all.slice(excess + 1)];
}

const asOne = (a: Loss, b: Loss): Loss => ({
  range: [Math.min(a.range[0], b.range[0]), Math.max(a.range[1], b.range[1])],
  after: a.after === null || b.after === null ? null : Math.min(a.after, b.after),
  at: Math.max(a.at, b.at),
});
