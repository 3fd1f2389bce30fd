import { request, type ClientRequest } from 'node:http';
import { anId, registered } from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import { Client } from 'pg';
import { startQueryApp, type QueryApp } from '../testing/query-app';

/** Far longer than the spec takes: whatever ends is ended. */
const NEVER_MS = 3_600_000;

interface Backend {
  readonly state: string;
  readonly wait_event_type: string | null;
  readonly query: string;
}

describe('an asker that goes away while its chain is looked for', () => {
  let app: QueryApp;
  let blocker: Client;
  const top = anId();

  beforeAll(async () => {
    app = await startQueryApp({ config: { poolSize: 2, statementTimeoutMs: NEVER_MS } });
    const executionId = anId();
    await app.store([
      registered(top, { executionId }),
      registered(anId(), { executionId }, { parentId: top }),
    ]);
    blocker = new Client(app.databaseUrl);
    await blocker.connect();
  });
  afterAll(async () => {
    await blocker.end();
    await app.close();
  });
  beforeEach(() => blocker.query('BEGIN; LOCK lineage_join IN ACCESS EXCLUSIVE MODE'));
  afterEach(() => blocker.query('ROLLBACK'));

  const busy = async (): Promise<Backend[]> =>
    (await app.sql(
      `SELECT state, wait_event_type, query FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'factflow-query' AND state <> 'idle'`,
    )) as Backend[];
  const ask = (accept: string): ClientRequest => {
    const path = `/api/v1/lineage/${top}/chain?direction=descendants`;
    const sent = request(`${app.url}${path}`, { headers: { accept }, agent: false });
    sent.on('error', () => undefined);
    return sent.end();
  };

  it.each(['application/x-ndjson', 'application/json'])(
    'has its statement ended and its connection given back (%s)',
    async (accept) => {
      // More askers than connections: some of them wait for one.
      const askers = Array.from({ length: 4 }, () => ask(accept));
      await eventually(
        async () => (await busy()).filter((backend) => backend.wait_event_type === 'Lock').length === 2,
        'the statements of two traces to wait for the lock',
      );
      for (const asker of askers) {
        const closed = new Promise((resolve) => asker.once('close', resolve));
        asker.destroy();
        await closed;
      }
      await eventually(async () => expect(await busy()).toEqual([]), 'the statements to end');
      expect((await app.get(`/api/v1/lineage/${top}`)).status).toBe(200);
      expect(app.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
    },
  );
});
