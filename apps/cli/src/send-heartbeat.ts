import { command } from './command-api';
import type { Session } from './session';

/** A recorder all of whose events have been sent. */
export interface SentRecorder {
  readonly recorderId: string;
  readonly service: string;
  readonly host: string;
  /** 0: its process has died */
  readonly pid: number;
  /** RFC 3339 */
  readonly startedAt: string;
  /** sequence of its last event, as far as that is known here */
  readonly highestSequence: number;
  /** inclusive ranges of sequences it gave up */
  readonly lost: readonly (readonly [from: number, to: number])[];
  /** how long ago its process was last seen, milliseconds; null: not known */
  readonly seenAgoMs: number | null;
  /** whether it ended properly: a process that was killed did not, and what it left pending is stalled */
  readonly closed: boolean;
}

/** Says for a recorder how far it came. @throws CliError when that does not arrive */
export async function sendHeartbeat(session: Session, recorder: SentRecorder): Promise<void> {
  const { recorderId, service, host, pid, startedAt, highestSequence, lost, seenAgoMs, closed } = recorder;
  const heartbeat = {
    service,
    host,
    pid,
    started_at: startedAt,
    highest_sequence: highestSequence,
    queued: 0,
    spooled: 0,
    lost,
    main_thread_age_ms: seenAgoMs,
    closed,
  };
  await command(session, { method: 'PUT', path: `recorders/${recorderId}`, body: heartbeat });
}
