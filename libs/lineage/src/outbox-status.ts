import type { PayloadStatus } from './capture/payload-outbox';
import type { SequenceRange } from './ranges';

/** How a flush ended. */
export interface FlushResult {
  /** whether everything recorded or kept before the call was answered in time: acknowledged or rejected, stored or refused. False once anything was lost */
  readonly complete: boolean;
  /** events without an answer */
  readonly queued: number;
}

/** Counts of events; every event given to the outbox is in exactly one of `queued`, `acknowledged`, `rejected` and `lost`. */
export interface OutboxStatus {
  /** without an answer yet, wherever they are */
  readonly queued: number;
  readonly queuedBytes: number;
  /** those of `queued` that are on disk */
  readonly spooled: number;
  readonly spooledBytes: number;
  /** those of `queued` that are in memory only: the end of the process may take them along */
  readonly atRisk: number;
  /** stored by the command app */
  readonly acknowledged: number;
  /** refused by the command app for good; with their reasons in the structured log */
  readonly rejected: number;
  /** given up: in the structured log, if that could be written; or gone with the spool */
  readonly lost: number;
  /** the lost events' sequence numbers */
  readonly lostRanges: readonly SequenceRange[];
  /** lost or rejected events that are not in the structured log either */
  readonly unlogged: number;
  /** events that dead processes left, answered since */
  readonly adopted: number;
  /** parts of a spool that could not be read, and were skipped */
  readonly damaged: number;
  /** how the last request ended; null before the first one */
  readonly connected: boolean | null;
  readonly lastError: { readonly message: string; readonly at: Date } | null;
  /** `draining` while a flush waits; `backing off` while the command app or the disk is away; `full` at the spool's bound */
  readonly state: 'open' | 'shipping' | 'backing off' | 'full' | 'draining' | 'closed';
  /** the folder of this recorder's spool, after `close()` of what it left there; null when there is none */
  readonly spoolFolder: string | null;
  /** how often the thread that ships had to be started again */
  readonly workerRestarts: number;
  /** what was kept of messages beside their hashes */
  readonly payloads: PayloadStatus;
  /** how long ago the thread of the recorder was last seen at work, milliseconds: its event loop may be blocked for so long */
  readonly mainThreadAgeMs: number;
}
