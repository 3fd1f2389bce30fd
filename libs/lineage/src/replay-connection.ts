import type { IncomingMessage } from 'node:http';
import { HttpConnection, readBody, type HttpConnectionOptions } from './http-connection';

/** A message as large as one may be captured, and a little more. */
const MAX_ANSWER_BYTES = 65 * 1024 * 1024;

/** What was answered, whole. */
export interface ReplayAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface ReplayRequest {
  readonly method: 'GET' | 'POST';
  /** behind `/api/v1/replay-work/` */
  readonly path: string;
  readonly body?: object;
  readonly signal: AbortSignal;
  /** the longest the answer may take */
  readonly timeoutMs: number;
}

/** Connections for the work of replays, apart from those that ship. Nothing here keeps the process alive. */
export class ReplayConnection {
  readonly #connection: HttpConnection;

  constructor(options: HttpConnectionOptions, maxSockets: number) {
    this.#connection = new HttpConnection(options, maxSockets);
  }

  get target(): string {
    return this.#connection.target;
  }

  /** @throws Error when there is no whole answer */
  ask({ method, path, body, signal, timeoutMs }: ReplayRequest): Promise<ReplayAnswer> {
    const bytes = body && Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = this.#connection.request({
        method,
        path: `/api/v1/replay-work/${path}`,
        signal,
        headers: {
          // The bytes of messages as well.
          accept: '*/*',
          ...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }),
        },
      });
      // Not a signal for both: what is derived from one that lives as long as the service would live as long.
      const late = setTimeout(() => request.destroy(new Error(`no answer after ${timeoutMs} ms`)), timeoutMs);
      late.unref();
      request.once('close', () => clearTimeout(late));
      request.once('response', (response) => void readAnswer(response).then(resolve, reject));
      request.on('error', reject);
      request.end(bytes);
    });
  }

  close(): void {
    this.#connection.close();
  }
}

const readAnswer = async (response: IncomingMessage): Promise<ReplayAnswer> => ({
  status: response.statusCode ?? 0,
  contentType: response.headers['content-type'] ?? 'application/octet-stream',
  body: await readBody(response, MAX_ANSWER_BYTES),
});
