import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { anId, registered } from '@factflow/domain/testing';
import { startQueryApp, type QueryApp } from '../testing/query-app';

const CHILDREN = 20_000;
const NDJSON = 'application/x-ndjson';

describe('a streamed chain', () => {
  let app: QueryApp;
  const executionId = anId();
  const top = anId();
  const path = `/api/v1/lineage/${top}/chain`;

  beforeAll(async () => {
    app = await startQueryApp({ config: { poolSize: 2 } });
    const metadata = { filling: 'x'.repeat(500) };
    await app.store([
      registered(top, { executionId }),
      ...Array.from({ length: CHILDREN }, () =>
        registered(anId(), { executionId }, { parentId: top, metadata }),
      ),
    ]);
  });
  afterAll(() => app.close());

  /** The answer, of which nothing is read yet. */
  const open = async (): Promise<IncomingMessage> => {
    const sent = request(`${app.url}${path}`, { headers: { accept: NDJSON }, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  it('is whole, unpaged, one record a line', async () => {
    const { status, headers, body } = await app.get<{ direction: string; depth: number }[]>(path, {
      accept: NDJSON,
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(headers.get('vary')).toMatch(/accept/i);
    expect(body).toHaveLength(CHILDREN + 1);
    expect(body[0]).toMatchObject({ direction: 'self', depth: 0, id: top });
    expect(body.at(-1)).toMatchObject({ direction: 'descendants', depth: 1 });
    expect(Object.keys(body[0] as object).slice(0, 2)).toEqual(['direction', 'depth']);
  });

  it('holds no connection while its reader stands still', async () => {
    // More readers than the app has connections.
    const responses = await Promise.all(Array.from({ length: 4 }, open));
    for (const response of responses) {
      response.pause();
      await once(response, 'readable');
    }
    expect((await app.get(`/api/v1/lineage/${top}`)).status).toBe(200);
    for (const response of responses) response.destroy();
    expect((await app.get(`${path}?depth=1`)).status).toBe(200);
  });

  it('is what a client gets that prefers it, JSON what others get', async () => {
    const type = async (accept: string) =>
      (await app.get(`${path}?direction=ancestors`, { accept })).headers.get('content-type');
    expect(await type('application/x-ndjson')).toMatch(NDJSON);
    expect(await type('*/*')).toMatch('application/json');
    expect(await type('application/json, application/x-ndjson;q=0.5')).toMatch('application/json');
  });

  it('has no pages, and says so', async () => {
    const { body } = await app.get(`${path}?limit=5&cursor=x`, { accept: NDJSON });
    expect(body).toMatchObject({ status: 400, errors: [{ field: 'limit' }, { field: 'cursor' }] });
  });

  it('of a record that nobody knows is 404, not an empty stream', async () => {
    const { status, body } = await app.get(`/api/v1/lineage/${anId()}/chain`, { accept: NDJSON });
    expect({ status, body }).toMatchObject({ status: 404, body: { code: 'record_not_found' } });
  });

  it('breaks off when the database goes away in its midst', async () => {
    const response = await open();
    response.pause();
    await once(response, 'readable');
    await app.sql('ALTER TABLE lineage_record RENAME TO lineage_record_away');
    response.resume();
    await expect(once(response, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await app.sql('ALTER TABLE lineage_record_away RENAME TO lineage_record');
    expect((await app.get(path)).status).toBe(200);
  });
});
