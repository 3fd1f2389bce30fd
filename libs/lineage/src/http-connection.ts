import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Bytes of an answer that are read; an answer names rejected events only. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** One for what is recorded now, and one for what a dead process left. */
const MAX_SOCKETS = 2;

export interface HttpConnectionOptions {
  readonly endpoint: URL;
  readonly token?: string | undefined;
  /** what the service calls itself */
  readonly service: string;
}

/** A request to the command app. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** from `/api` on */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** What was answered, whole. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Where a command app is, without credentials: for people, and to tell one from another. */
export const targetOf = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, '');

/** Connections to a command app, kept between requests. Nothing here keeps the process alive. */
export class HttpConnection {
  readonly target: string;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(
    private readonly options: HttpConnectionOptions,
    maxSockets = MAX_SOCKETS,
  ) {
    const secure = options.endpoint.protocol === 'https:';
    this.target = targetOf(options.endpoint);
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets });
    this.#request = secure ? httpsRequest : httpRequest;
  }

  /** @throws Error when there is no whole answer */
  send({ body, ...about }: HttpRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { ...about.headers, 'content-length': body.length };
      const request = this.request({ ...about, headers });
      request.once('response', (response) => void readAnswer(response).then(resolve, reject));
      request.on('error', reject);
      request.end(body);
    });
  }

  /** A request whose body and answer are the caller's. */
  request({ method, path, headers, signal }: Omit<HttpRequest, 'body'>): ClientRequest {
    const { token, service } = this.options;
    const request = this.#request(new URL(this.target + path), {
      method,
      agent: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        ...headers,
        'user-agent': `factflow-lineage (${encodeURIComponent(service)})`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    request.once('socket', (socket) => socket.unref());
    return request;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** @throws Error when it is cut off, or too long */
export async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const body = await readBody(response, MAX_ANSWER_BYTES);
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: body.toString(),
  };
}

/** All bytes of an answer. @throws Error when it is cut off, or longer than this */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
