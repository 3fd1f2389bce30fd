import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { targetOf, type HttpConnectionOptions } from './http-connection';

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
}

/** Connections for the work of replays, apart from those that ship. Nothing here keeps the process alive. */
export class ReplayConnection {
  readonly target: string;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(
    private readonly options: HttpConnectionOptions,
    maxSockets: number,
  ) {
    const secure = options.endpoint.protocol === 'https:';
    this.target = targetOf(options.endpoint);
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets });
    this.#request = secure ? httpsRequest : httpRequest;
  }

  /** @throws Error when there is no whole answer */
  ask({ method, path, body, signal }: ReplayRequest): Promise<ReplayAnswer> {
    const { token, service } = this.options;
    const bytes = body && Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = this.#request(new URL(`${this.target}/api/v1/replay-work/${path}`), {
        method,
        agent: this.#agent,
        signal,
        headers: {
          ...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }),
          'user-agent': `factflow-lineage (${encodeURIComponent(service)})`,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      request.once('socket', (socket) => socket.unref());
      request.once('response', (response) => void readAnswer(response).then(resolve, reject));
      request.on('error', reject);
      request.end(bytes);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<ReplayAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? 'application/octet-stream',
    body: Buffer.concat(chunks, size),
  };
}
