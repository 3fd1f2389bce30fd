import { HttpConnection, type HttpConnectionOptions } from './http-connection';
import type { SequenceRange } from './ranges';
import type { RecorderInfo } from '@factflow/journal';

/** The longest a heartbeat may take: the next one says more. */
const TIMEOUT_MS = 5_000;
const MAX_NAME = 200;
/** Answers that may be another one next time. */
const PASSING = new Set([401, 403, 408, 425, 429]);

/** What a recorder is like at a moment. */
export interface Pulse {
  readonly highestSequence: number;
  /** events without an answer yet, and those of them that are on disk */
  readonly queued: number;
  readonly spooled: number;
  readonly lost: readonly SequenceRange[];
  /** how long ago the service's main thread was last seen at work, milliseconds; null when there is nobody to watch it */
  readonly mainThreadAgeMs: number | null;
  readonly closed: boolean;
  /** payloads that wait, those that dead processes left among them; left out where nobody knows */
  readonly payloads?: number;
}

/** What became of a heartbeat: `refused` by an answer that says it never will be taken. */
export type Told = 'taken' | 'refused' | 'unanswered';

/** Tells the command app how recorders are: `PUT /api/v1/recorders/{id}`. What becomes of that changes nothing here. */
export class Heartbeats {
  readonly #connection: HttpConnection;

  constructor(options: HttpConnectionOptions) {
    this.#connection = new HttpConnection(options);
  }

  /** Resolves when it was answered, or will not be. Never rejects. */
  async send(info: RecorderInfo, pulse: Pulse): Promise<Told> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS).unref();
    try {
      const { status } = await this.#connection.send({
        method: 'PUT',
        path: `/api/v1/recorders/${encodeURIComponent(info.recorderId)}`,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(toWire(info, pulse))),
        signal: abort.signal,
      });
      if (status < 300) return 'taken';
      return PASSING.has(status) || status >= 500 ? 'unanswered' : 'refused';
    } catch {
      return 'unanswered';
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection.close();
  }
}

const toWire = ({ service, host, pid, startedAt }: RecorderInfo, pulse: Pulse): object => ({
  service: nameOf(service),
  host: nameOf(host),
  pid,
  started_at: startedAt,
  highest_sequence: pulse.highestSequence,
  queued: pulse.queued,
  spooled: pulse.spooled,
  lost: pulse.lost,
  main_thread_age_ms: pulse.mainThreadAgeMs === null ? null : Math.round(pulse.mainThreadAgeMs),
  closed: pulse.closed,
  payloads: pulse.payloads ?? null,
});

/** As the command app takes names. */
const nameOf = (text: string): string => text.slice(0, MAX_NAME).toWellFormed() || 'unknown';
