import { hashOf, parseEvent, type LineageEvent } from '@factflow/domain';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** How the next requests are answered: well, or in one of the ways in which things go wrong. */
export type Behaviour =
  | 'well'
  /** stores everything, then cuts the connection before it answers */
  | 'store and cut'
  | 'cut'
  /** never answers */
  | 'hang'
  | 'not json'
  | 'other json'
  /** an answer that accounts for fewer events than were sent */
  | 'wrong count'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** How the next payloads are answered, beside these ways. */
export type PayloadBehaviour =
  | 'well'
  | 'hang'
  | 'cut'
  /** says that it is stored, and is not the command app */
  | 'other json'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** A server on loopback that takes events as the command app does, and misbehaves when told to. */
export class CommandApp {
  /** in the order of arrival, once each */
  readonly events: LineageEvent[] = [];
  /** one entry for every request: headers and number of lines */
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly lines: number }[] = [];
  /** what recorders said of themselves, by their id, newest last */
  readonly heartbeats: { readonly id: string; readonly body: Readonly<Record<string, unknown>> }[] = [];
  /** the status that heartbeats are answered with */
  heartbeatsAlways = 204;
  /** consumed one a request; then `always` */
  readonly next: Behaviour[] = [];
  always: Behaviour = 'well';
  /** stored, by their key */
  readonly payloads = new Map<string, { readonly bytes: Buffer; readonly contentType: string }>();
  /** keys in the order in which they were asked for */
  readonly uploads: string[] = [];
  /** how payloads are answered, by their key; then `payloadsAlways` */
  readonly payloadsBy = new Map<string, PayloadBehaviour>();
  payloadsAlways: PayloadBehaviour = 'well';
  /** requests with more lines than this are answered 413 */
  maxLines = Infinity;
  /** requests with a line that contains this are answered 400 */
  poison: string | undefined;
  #ids = new Set<string>();

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<CommandApp> {
    const server = createServer();
    const app = new CommandApp(server);
    server.on('request', (request, response) => void app.#answer(request, response));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      const isThere = app.payloads.has(keyOf(request));
      if (isThere) return void app.#answerPayload(keyOf(request), request, response, Buffer.alloc(0));
      response.writeContinue();
      void app.#answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return app;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Takes lines as POST /api/v1/events does. */
  store(lines: readonly string[]): { accepted: number; duplicates: number; rejected: object[] } {
    const answer = { accepted: 0, duplicates: 0, rejected: [] as object[] };
    lines.forEach((line, index) => {
      const { event, problem } = parseEvent(JSON.parse(line));
      if (!event) answer.rejected.push({ index, event_id: null, ...problem });
      else if (this.#ids.has(event.executionId + event.eventId)) answer.duplicates += 1;
      else {
        this.#ids.add(event.executionId + event.eventId);
        this.events.push(event);
        answer.accepted += 1;
      }
    });
    return answer;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const key = keyOf(request);
    if (key !== '') return this.#answerPayload(key, request, response, body);
    const [, id] = /^\/api\/v1\/recorders\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (id !== undefined) {
      this.heartbeats.push({ id, body: JSON.parse(body.toString()) as Record<string, unknown> });
      return void response.writeHead(this.heartbeatsAlways).end();
    }
    const lines = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      .toString()
      .split('\n');
    this.requests.push({ headers: request.headers, lines: lines.length });
    this.#behave(this.next.shift() ?? this.always, lines, response);
  }

  #answerPayload(key: string, request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    this.uploads.push(key);
    const behaviour = this.payloadsBy.get(key) ?? this.payloadsAlways;
    const json = (status: number, value: object): unknown =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (behaviour === 'hang') return;
    if (behaviour === 'cut') return void response.destroy();
    if (behaviour === 'other json') return void json(200, { ok: true });
    if (behaviour !== 'well') return void response.writeHead(behaviour.status, behaviour.headers).end();
    if (this.payloads.has(key)) return void json(200, { key, bytes: bytes.length });
    if (hashOf(bytes) !== key) return void response.writeHead(422).end();
    this.payloads.set(key, { bytes, contentType: request.headers['content-type'] ?? '' });
    json(201, { key, bytes: bytes.length });
  }

  #behave(behaviour: Behaviour, lines: readonly string[], response: ServerResponse): void {
    const json = (value: unknown): unknown =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (typeof behaviour === 'object')
      return void response.writeHead(behaviour.status, behaviour.headers).end();
    if (lines.length > this.maxLines) return void response.writeHead(413).end();
    if (this.poison !== undefined && lines.join('\n').includes(this.poison))
      return void response.writeHead(400).end();
    switch (behaviour) {
      case 'well':
        return void json(this.store(lines));
      case 'store and cut':
        this.store(lines);
        return void response.destroy();
      case 'cut':
        return void response.destroy();
      case 'hang':
        return;
      case 'not json':
        return void response.writeHead(200).end('<html>proxy</html>');
      case 'other json':
        return void json({ ok: true });
      case 'wrong count':
        return void json({ accepted: lines.length - 1, duplicates: 0, rejected: [] });
    }
  }
}

/** Of a payload; empty for any other request. */
const keyOf = ({ url }: IncomingMessage): string =>
  /^\/api\/v1\/payloads\/([^/]+)$/.exec(url ?? '')?.[1] ?? '';
