import type { Recorder } from '../recorder';

/** A recorder of which nothing is known but its id. */
export const newRecorder = (id: string): Recorder => ({
  id,
  service: null,
  host: null,
  pid: null,
  startedAt: null,
  heartbeatAt: null,
  highestSequence: 0,
  queued: 0,
  spooled: 0,
  mainThreadAgeMs: null,
  payloads: null,
  closed: false,
  gone: false,
  received: [],
  rejected: [],
  repeated: [],
  losses: [],
  mark: null,
  confirmedAt: null,
});
