import { command } from './command-api';
import type { Session } from './session';

/** A recorder that records nothing more. */
export interface EndedRecorder {
  readonly recorderId: string;
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  /** RFC 3339 */
  readonly startedAt: string;
  /** sequence of its last event, as far as that is known here */
  readonly highestSequence: number;
}

/** Says for a recorder that nothing more of it is to come. @throws CliError when that does not arrive */
export async function closeRecorder(session: Session, recorder: EndedRecorder): Promise<void> {
  const { recorderId, service, host, pid, startedAt, highestSequence } = recorder;
  const heartbeat = {
    service,
    host,
    pid,
    started_at: startedAt,
    highest_sequence: highestSequence,
    queued: 0,
    spooled: 0,
    lost: [],
    main_thread_age_ms: null,
    closed: true,
  };
  await command(session, { method: 'PUT', path: `recorders/${recorderId}`, body: heartbeat });
}
