import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLineageClient, type Problem, type RecordPage } from './index';

describe('the client', () => {
  let server: Server;
  let url: string;
  let seen: IncomingMessage;
  let answer: (response: ServerResponse) => void;

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen = request;
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const json =
    (status: number, body: unknown, type = 'application/json') =>
    (response: ServerResponse) =>
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));

  it('asks for sets separated by commas, and gives the answer as data', async () => {
    const page: RecordPage = { items: [], next_cursor: null };
    answer = json(200, page);
    const { data, error } = await createLineageClient({ url: `${url}/` }).GET('/api/v1/lineage', {
      params: { query: { status: ['failed', 'pending'], route_id: 'a&b', limit: 5 } },
    });
    expect(seen.url).toBe('/api/v1/lineage?status=failed,pending&route_id=a%26b&limit=5');
    expect(seen.headers.authorization).toBeUndefined();
    expect({ data, error }).toEqual({ data: page, error: undefined });
  });

  it('gives problems as error', async () => {
    const problem: Problem = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'No.' };
    answer = json(404, problem, 'application/problem+json');
    const { data, error, response } = await createLineageClient({ url }).GET('/api/v1/lineage/{id}', {
      params: { path: { id: 'x' } },
    });
    expect({ data, error, status: response.status }).toEqual({
      data: undefined,
      error: problem,
      status: 404,
    });
  });

  it('sends its token', async () => {
    answer = json(200, { items: [], next_cursor: null });
    await createLineageClient({ url, token: 'secret' }).GET('/api/v1/executions');
    expect(seen.headers.authorization).toBe('Bearer secret');
  });

  it('rejects when there is no answer in time', async () => {
    answer = () => undefined;
    const client = createLineageClient({ url, timeoutMs: 20 });
    await expect(client.GET('/api/v1/executions')).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('rejects when nobody answers', async () => {
    const client = createLineageClient({ url: 'http://127.0.0.1:1' });
    await expect(client.GET('/api/v1/executions')).rejects.toThrow('fetch failed');
  });

  it('gives the lines of a whole chain as a stream', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('{"direction":"self"}\n');
      response.end('{"direction":"ancestors"}\n');
    };
    const { data } = await createLineageClient({ url }).GET('/api/v1/lineage/{id}/chain', {
      params: { path: { id: 'x' } },
      headers: { accept: 'application/x-ndjson' },
      parseAs: 'stream',
    });
    expect(await new Response(data).text()).toBe('{"direction":"self"}\n{"direction":"ancestors"}\n');
    expect(seen.headers.accept).toBe('application/x-ndjson');
  });
});
