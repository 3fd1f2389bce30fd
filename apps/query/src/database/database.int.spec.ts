import { Writable } from 'node:stream';
import { anId, registered } from '@factflow/domain/testing';
import type { RunningServer } from '@factflow/server';
import { migratedDatabase } from '@factflow/store/testing';
import { cutOffProxy, eventually, freePort, scratchDatabase, type CutOffProxy } from '@factflow/testing';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { startServer } from '../server';
import { configFor, startQueryApp, type QueryApp } from '../testing/query-app';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const TABLES = ['event', 'record', 'join', 'execution', 'statistics'];

const read = async (server: { url: string }, path: string) => {
  const response = await fetch(`${server.url}${path}`);
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
};

describe('the database connection of the query app', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp({ config: { statementTimeoutMs: 200 } });
    await app.get('/api/v1/lineage');
  });
  afterAll(() => app.close());

  it.each([
    ...TABLES.map((table) => `DELETE FROM lineage_${table}`),
    'UPDATE lineage_record SET conflicts = 0',
    'INSERT INTO lineage_join SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid()',
    'TRUNCATE lineage_record',
    'CREATE TABLE mine (id int)',
    'DROP TABLE lineage_event',
    "SELECT nextval('lineage_migration_id_seq')",
  ])('is refused by the database itself to write: %s', async (statement) => {
    const source = app.app.get(DataSource);
    await expect(source.query(statement)).rejects.toMatchObject({ driverError: { code: '25006' } });
    await expect(source.transaction((manager) => manager.query(statement))).rejects.toMatchObject({
      driverError: { code: '25006' },
    });
  });

  it('gives up a statement that takes too long, and the answer says what to narrow', async () => {
    const id = anId();
    await app.store([registered(id, { executionId: anId() })]);
    const blocker = new Client(app.databaseUrl);
    await blocker.connect();
    await blocker.query('BEGIN; LOCK lineage_record IN ACCESS EXCLUSIVE MODE');
    const answers = [await read(app, '/api/v1/lineage'), await read(app, `/api/v1/lineage/failures`)];
    for (const { status, body } of answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'statement_timeout' });
      expect((body as { detail: string }).detail).toMatch(
        /Narrow the question: .*execution_id.*started_after/,
      );
    }
    await blocker.end();
    expect((await read(app, `/api/v1/lineage/${id}`)).status).toBe(200);
  });

  it('is there again after the server ended it', async () => {
    await app.get('/api/v1/lineage');
    await app.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'factflow-query' AND datname = current_database()`,
    );
    await eventually(async () => (await read(app, '/api/v1/lineage')).status === 200, 'an answer');
  });
});

describe('the query app without a database', () => {
  let server: RunningServer | undefined;
  let proxy: CutOffProxy | undefined;
  afterEach(async () => {
    await server?.app.close();
    await proxy?.close();
    server = proxy = undefined;
  });

  it('starts, answers 503 and says why, and answers as soon as the database is there', async () => {
    const database = await migratedDatabase();
    proxy = await cutOffProxy(database.url);
    proxy.cut();
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    server = await startServer(configFor(url.href), { logDestination: silent });

    const away = await read(server, '/api/v1/executions');
    expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await read(server, '/health/ready')).toMatchObject({
      status: 503,
      body: { errors: [{ field: 'database', message: expect.stringMatching(/^unreachable: .+/) as string }] },
    });
    expect((await read(server, '/health/live')).status).toBe(200);
    expect((await read(server, '/api/openapi.json')).status).toBe(200);

    proxy.restore();
    expect((await read(server, '/api/v1/executions')).status).toBe(200);
    expect(await read(server, '/health/ready')).toMatchObject({ status: 200 });

    proxy.cut();
    expect((await read(server, '/api/v1/executions')).status).toBe(503);
    proxy.restore();
    expect((await read(server, '/api/v1/executions')).status).toBe(200);
    await server.app.close();
    await database.drop();
  });

  it('says that nobody listens where it looks', async () => {
    const port = await freePort();
    server = await startServer(configFor(`postgres://me:secret@localhost:${port}/none`), {
      logDestination: silent,
    });
    const { body } = await read(server, '/health/ready');
    expect(JSON.stringify(body)).toMatch(/unreachable: .*ECONNREFUSED/);
    expect(JSON.stringify(body)).not.toMatch('secret');
  });

  it('says that the database is not migrated, and by what it is', async () => {
    const database = await scratchDatabase();
    server = await startServer(configFor(database.url), { logDestination: silent });
    const message = 'The database is not migrated: start the command app, which migrates it.';
    expect(await read(server, '/health/ready')).toMatchObject({
      status: 503,
      body: { errors: [{ field: 'database', message }] },
    });
    for (const path of ['/api/v1/lineage', '/api/v1/executions', `/api/v1/lineage/${anId()}/chain`]) {
      expect(await read(server, path)).toMatchObject({
        status: 503,
        body: { code: 'not_migrated', detail: message },
      });
    }
    await server.app.close();
    await database.drop();
  });

  it('says that the account is wrong', async () => {
    const database = await migratedDatabase();
    const url = new URL(database.url);
    url.pathname = '/there_is_none_of_this_name';
    server = await startServer(configFor(url.href), { logDestination: silent });
    expect((await read(server, '/api/v1/lineage')).status).toBe(503);
    expect(JSON.stringify((await read(server, '/health/ready')).body)).toMatch('there_is_none_of_this_name');
    await database.drop();
  });
});
