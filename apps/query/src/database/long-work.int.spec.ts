import { request, type ClientRequest } from 'node:http';
import { anId, registered } from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import { Client } from 'pg';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import { Database } from './database';

/** Far longer than the spec takes: whatever ends is ended. */
const NEVER_MS = 3_600_000;
const SETTING = { name: 'time of a statement', sql: 'SHOW statement_timeout' };
/** A trace of so few steps is searched as one of many records is. */
const LONG = 'chain?direction=descendants&depth=5';
const NDJSON = { accept: 'application/x-ndjson' };

describe('answers that take long', () => {
  let app: QueryApp;
  let blocker: Client;
  const [executionId, other] = [anId(), anId()];
  const line = Array.from({ length: 6 }, () => anId());
  const top = line[0] as string;
  const askers: ClientRequest[] = [];

  beforeAll(async () => {
    app = await startQueryApp({ config: { poolSize: 4, statementTimeoutMs: NEVER_MS }, traceLimit: 3 });
    await app.store([
      ...line.map((id, n) => registered(id, { executionId }, n > 0 ? { parentId: line[n - 1] } : {})),
      registered(anId(), { executionId: other }),
    ]);
    blocker = new Client(app.databaseUrl);
    await blocker.connect();
  });
  afterAll(async () => {
    await blocker.end();
    await app.close();
  });

  const ask = (path: string): void => {
    const sent = request(`${app.url}${path}`, { headers: NDJSON, agent: false });
    sent.on('error', () => undefined);
    askers.push(sent.end());
  };
  const waiting = async (): Promise<number> => {
    const [row] = (await app.sql(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database()
       AND application_name = 'factflow-query' AND wait_event_type = 'Lock'`,
    )) as [{ count: number }];
    return row.count;
  };
  /** Has as many searches under way as may be, each of which waits. */
  const fill = async (): Promise<void> => {
    await blocker.query('BEGIN; LOCK lineage_join IN ACCESS EXCLUSIVE MODE');
    for (let n = 0; n < 2; n += 1) ask(`/api/v1/lineage/${top}/${LONG}`);
    await eventually(async () => (await waiting()) === 2, 'two searches to wait for the lock');
  };
  const leave = async (): Promise<void> => {
    for (const asker of askers.splice(0)) asker.destroy();
    await eventually(async () => (await waiting()) === 0, 'the searches to end');
    await blocker.query('ROLLBACK');
  };
  afterEach(leave);

  it.each([
    ['a streamed chain', `/api/v1/lineage/${top}/${LONG}`, NDJSON],
    [
      'a page of a chain of many records',
      `/api/v1/lineage/${line[4] as string}/chain?direction=ancestors`,
      {},
    ],
    ['a streamed comparison', `/api/v1/executions/${executionId}/diff/${other}`, NDJSON],
    ['a page of a comparison', `/api/v1/executions/${executionId}/diff/${other}`, {}],
  ])('leave half of the connections to others: %s is told so', async (_, path, headers) => {
    await fill();
    const answer = await app.get(path, headers as Record<string, string>);
    expect(answer).toMatchObject({
      status: 503,
      body: {
        code: 'long_answers_busy',
        detail: expect.stringMatching(/as may be at once \(2, .*again later/) as string,
      },
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('do not keep short questions and small chains waiting', async () => {
    await fill();
    for (const path of [
      `/api/v1/lineage/${top}`,
      `/api/v1/lineage?execution_id=${executionId}`,
      `/api/v1/lineage/${line[2] as string}/chain?direction=ancestors`,
      '/health/ready',
    ])
      expect((await app.get(path)).status).toBe(200);
    const streamed = await app.get(`/api/v1/lineage/${line[2] as string}/chain?direction=ancestors`, NDJSON);
    expect(streamed).toMatchObject({ status: 200, body: { length: 3 } });
  });

  it('make room when their askers go away', async () => {
    for (let n = 0; n < 3; n += 1) {
      await fill();
      await leave();
    }
    expect((await app.get(`/api/v1/lineage/${top}/${LONG}`, NDJSON)).status).toBe(200);
    expect((await app.get(`/api/v1/executions/${executionId}/diff/${other}`, NDJSON)).status).toBe(200);
    expect(app.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('make room when they end, and when they fail', async () => {
    for (let n = 0; n < 5; n += 1) {
      expect((await app.get(`/api/v1/lineage/${top}/${LONG}`, NDJSON)).status).toBe(200);
      expect((await app.get(`/api/v1/executions/${executionId}/diff/${anId()}`, NDJSON)).status).toBe(404);
    }
    expect(app.app.get(Database).isFullOfLongWork).toBe(false);
  });

  it('wait for their turn once they have begun', async () => {
    await fill();
    const verified = app.get(`/api/v1/lineage/verify?execution_id=${executionId}`);
    const refused = await app.get(`/api/v1/lineage/${top}/${LONG}`, NDJSON);
    expect(refused.status).toBe(503);
    // The searches end as well, and what waits goes on.
    await blocker.query('ROLLBACK');
    expect(await verified).toMatchObject({ status: 200 });
    expect((await verified).text).toMatch('"type":"summary"');
  });
});

describe('statements of answers that take long', () => {
  let app: QueryApp;
  let database: Database;
  beforeAll(async () => {
    app = await startQueryApp({ config: { poolSize: 1, statementTimeoutMs: 50 } });
    database = app.app.get(Database);
  });
  afterAll(() => app.close());

  it('have ten times as long as others', async () => {
    expect(await database.longSnapshot((reader) => reader.rows(SETTING, []))).toEqual([
      { statement_timeout: '500ms' },
    ]);
    for (const reader of [database.reader(), database.blockReader()])
      expect(await reader.rows(SETTING, [])).toEqual([{ statement_timeout: '50ms' }]);
    expect(await database.snapshot((reader) => reader.rows(SETTING, []))).toEqual([
      { statement_timeout: '50ms' },
    ]);
  });

  it('are given up after that, and make room', async () => {
    const id = anId();
    await app.store([registered(id, { executionId: anId() })]);
    const blocker = new Client(app.databaseUrl);
    await blocker.connect();
    await blocker.query('BEGIN; LOCK lineage_join IN ACCESS EXCLUSIVE MODE');
    for (let n = 0; n < 2; n += 1) {
      const answer = await app.get(`/api/v1/lineage/${id}/${LONG}`, NDJSON);
      expect(answer).toMatchObject({ status: 503, body: { code: 'statement_timeout' } });
    }
    await blocker.end();
    expect((await app.get(`/api/v1/lineage/${id}/${LONG}`, NDJSON)).status).toBe(200);
  });
});

describe('the query app when every connection is at work', () => {
  it.each([
    [1, /^The only connection to the database is at work/],
    [3, /^All 3 connections to the database are at work/],
  ])('of %i says so', async (poolSize, detail) => {
    const app = await startQueryApp({ config: { poolSize, statementTimeoutMs: NEVER_MS } });
    const blocker = new Client(app.databaseUrl);
    await blocker.connect();
    await blocker.query('BEGIN; LOCK lineage_execution IN ACCESS EXCLUSIVE MODE');
    const path = '/api/v1/executions';
    const held = Array.from({ length: poolSize }, () => app.get(path));
    const answer = await app.get(path);
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'overloaded', detail: expect.stringMatching(detail) as string },
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    const ready = await app.get('/health/ready');
    expect(ready).toMatchObject({ status: 503 });
    expect(ready.text).not.toMatch('unreachable');
    await blocker.query('ROLLBACK');
    for (const one of held) expect((await one).status).toBe(200);
    expect((await app.get(path)).status).toBe(200);
    await blocker.end();
    await app.close();
  });
});
