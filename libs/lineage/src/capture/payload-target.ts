import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { HttpConnection, readAnswer, type Answer, type HttpConnectionOptions } from '../http-connection';
import { reasonOf, retryAfterOf } from '../http.sink';
import type { OutgoingPayload, PayloadResult } from '../sink';

/** Answers that say the payload itself is at fault. Any other may pass: 401 and 404 are mended without us. */
const REFUSED = new Set([400, 411, 413, 415, 422]);
/** From here on the command app is asked whether it wants the bytes before it gets them: it may have them. */
const ASK_FROM_BYTES = 64 * 1024;
/** How long it has for that; what stands between may not pass the question on. */
const ASK_MS = 1_000;

export interface HttpPayloadsOptions extends HttpConnectionOptions {
  /** the longest nothing may move */
  readonly requestTimeoutMs: number;
}

/** Stores payloads at a command app: `PUT /api/v1/payloads/{key}`, streamed, over connections of its own. */
export class HttpPayloads {
  readonly target: string;
  readonly #connection: HttpConnection;

  constructor(private readonly options: HttpPayloadsOptions) {
    this.#connection = new HttpConnection(options);
    this.target = this.#connection.target;
  }

  /** Never rejects. */
  async storePayload(payload: OutgoingPayload, signal: AbortSignal): Promise<PayloadResult> {
    try {
      return resultOf(await this.#put(payload, signal), payload.key);
    } catch (error) {
      return { kind: 'unavailable', reason: reasonOf(error) };
    }
  }

  close(): void {
    this.#connection.close();
  }

  #put({ key, contentType, bytes, open }: OutgoingPayload, signal: AbortSignal): Promise<Answer> {
    const { requestTimeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const asks = bytes >= ASK_FROM_BYTES;
      const headers = {
        'content-type': contentType,
        'content-length': bytes,
        ...(asks && { expect: '100-continue' }),
      };
      const path = `/api/v1/payloads/${key}`;
      const request = this.#connection.request({ method: 'PUT', path, headers, signal });
      let body: Readable | undefined;
      const send = (): void => {
        clearTimeout(timer);
        if (body || request.destroyed) return;
        try {
          body = open();
        } catch (error) {
          // Gone meanwhile.
          return void request.destroy(error as Error);
        }
        pipeline(body, request, (error) => error && reject(error));
      };
      const timer = setTimeout(send, ASK_MS).unref();
      request.setTimeout(requestTimeoutMs, () =>
        request.destroy(new Error(`no answer within ${requestTimeoutMs} ms`)),
      );
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        void readAnswer(response)
          .then(resolve, reject)
          // A connection on which not everything was sent is of no further use.
          .finally(() => (request.writableFinished ? undefined : request.destroy()));
      });
      if (asks) request.once('continue', send);
      else send();
    });
  }
}

function resultOf({ status, retryAfter, body }: Answer, key: string): PayloadResult {
  if (REFUSED.has(status)) return { kind: 'refused', reason: `answered ${status}` };
  if (status !== 200 && status !== 201)
    return { kind: 'unavailable', reason: `answered ${status}`, ...retryAfterOf(retryAfter) };
  return names(body, key)
    ? { kind: 'stored' }
    : { kind: 'unavailable', reason: 'the answer does not name the payload' };
}

/** Whether it is the answer of a command app, and not of something that stands between. */
function names(body: string, key: string): boolean {
  try {
    return (JSON.parse(body) as { key?: unknown } | null)?.key === key;
  } catch {
    return false;
  }
}
