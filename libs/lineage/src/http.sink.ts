import { timeNow } from '@factflow/domain';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { HttpConnection, type Answer, type HttpConnectionOptions } from './http-connection';
import type { OutgoingEvent, RejectedEvent, Sink, SinkResult } from './sink';

const compress = promisify(gzip);
const MAX_RETRY_AFTER_MS = 5 * 60 * 1000;
/** Answers that say the request itself is at fault. Any other may pass: 401 and 404 are mended without us. */
const REFUSED = new Set([400, 413, 422]);

export interface HttpSinkOptions extends HttpConnectionOptions {
  readonly requestTimeoutMs: number;
}

/**
 * Ships to a command app: NDJSON, compressed, over one connection that is kept. Nothing here keeps the process alive.
 * Only an answer that accounts for every event of the batch counts as stored.
 */
export class HttpSink implements Sink {
  readonly target: string;
  readonly #connection: HttpConnection;

  constructor(private readonly options: HttpSinkOptions) {
    this.#connection = new HttpConnection(options);
    this.target = this.#connection.target;
  }

  async send(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<SinkResult> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.options.requestTimeoutMs).unref();
    try {
      const body = await compress(bodyOf(batch), { level: constants.Z_BEST_SPEED });
      return resultOf(await this.#post(body, AbortSignal.any([signal, deadline.signal])), batch.length);
    } catch (error) {
      if (!deadline.signal.aborted) return { kind: 'unavailable', reason: reasonOf(error) };
      return {
        kind: 'unavailable',
        reason: `no answer within ${this.options.requestTimeoutMs} ms`,
        timedOut: true,
      };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection.close();
  }

  #post(body: Buffer, signal: AbortSignal): Promise<Answer> {
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
    return this.#connection.send({ method: 'POST', path: '/api/v1/events', body, headers, signal });
  }
}

/** The lines of a batch, written where they are compressed from: joined as text they would take their room twice. */
function bodyOf(batch: readonly OutgoingEvent[]): Buffer {
  const body = Buffer.allocUnsafe(batch.reduce((sum, { bytes }) => sum + bytes + 1, 0));
  let length = 0;
  for (const { line } of batch) {
    length += body.write(line, length);
    length += body.write('\n', length);
  }
  return body.subarray(0, length - 1);
}

function resultOf({ status, retryAfter, body }: Answer, events: number): SinkResult {
  if (REFUSED.has(status)) return { kind: 'refused', reason: `answered ${status}` };
  if (status !== 200)
    return { kind: 'unavailable', reason: `answered ${status}`, ...retryAfterOf(retryAfter) };
  const rejected = readRejected(body, events);
  return rejected
    ? { kind: 'accepted', rejected }
    : { kind: 'unavailable', reason: 'the answer does not account for the events sent' };
}

/** @returns undefined when the body is no answer of a command app to so many events */
function readRejected(body: string, events: number): RejectedEvent[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { accepted, duplicates, rejected } = (answer ?? {}) as Record<string, unknown>;
  if (!isCount(accepted) || !isCount(duplicates) || !Array.isArray(rejected)) return undefined;
  if (accepted + duplicates + rejected.length !== events) return undefined;
  const result = rejected.map((entry: unknown) => {
    const { index, code, message } = (entry ?? {}) as Record<string, unknown>;
    return { index: Number(index), code: String(code), message: String(message) };
  });
  const indexes = new Set(result.map(({ index }) => index));
  const valid = [...indexes].every((index) => isCount(index) && index < events);
  return valid && indexes.size === result.length ? result : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Seconds or a date (RFC 9110), at most five minutes. */
export function retryAfterOf(header: string | undefined): { retryAfterMs?: number } {
  if (header === undefined) return {};
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - timeNow();
  return ms > 0 ? { retryAfterMs: Math.min(ms, MAX_RETRY_AFTER_MS) } : {};
}

/** A connection tried on several addresses fails with a list of errors and no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
