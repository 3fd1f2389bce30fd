import { request } from 'node:http';
import { newId, type LineageEvent } from '@factflow/domain';
import {
  anId,
  arbitraryHistory,
  completed,
  executionStarted,
  registered,
  started,
} from '@factflow/domain/testing';
import { append, ArrivedSequences, createDataSource, recordHeartbeat, writeCoverage } from '@factflow/store';
import { eventually } from '@factflow/testing';
import * as fc from 'fast-check';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import { heartbeat, verify } from '../testing/verifying';
import { MOST_AT_ONCE } from './verify-lineage';

/** Far longer than the spec takes: whatever ends is ended. */
const NEVER_MS = 3_600_000;

describe('a verification', () => {
  let app: QueryApp;
  let writing: DataSource;
  beforeAll(async () => {
    app = await startQueryApp({ config: { poolSize: 4, statementTimeoutMs: NEVER_MS } });
    writing = await createDataSource({
      url: app.databaseUrl,
      poolSize: 4,
      applicationName: 'spec',
    }).initialize();
  });
  afterAll(async () => {
    await writing.destroy();
    await app.close();
  });

  it('finds nothing whatever happened, in whatever order it arrived', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory({ maxRecords: 12 }), async ({ events, batches }) => {
        const executions = [...new Set(events.map((event) => event.executionId))];
        for (const table of ['event', 'record', 'join', 'execution', 'statistics', 'coverage'])
          await app.sql(`DELETE FROM lineage_${table} WHERE execution_id = ANY($1)`, [executions]);
        for (const batch of batches) await app.store(batch);
        for (const id of executions) {
          const { findings } = await verify(app, id);
          expect(findings.filter(({ kind }) => !/^input_changed|^payload_/.test(kind))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  }, 180_000);

  it('sees each execution at one moment: what is stored meanwhile makes no difference', async () => {
    const executionId = newId();
    const at = { executionId };
    const top = anId();
    await app.store([executionStarted(at), registered(top, at)]);
    let stored = 0;
    let stopped = false;
    const ingest = async (): Promise<void> => {
      while (!stopped) {
        const ids = Array.from({ length: 50 }, anId);
        await append(writing, [
          ...ids.map((id) => registered(id, at, { parentId: top, started: true })),
          ...ids.filter((_id, n) => n % 2 === 0).map((id) => completed(id, at)),
        ]);
        stored += 1;
      }
    };
    const work = ingest();
    const seen: number[] = [];
    await eventually(() => stored > 5, 'some batches');
    for (let n = 0; n < 10; n += 1) {
      const { findings, summary } = await verify(app, n % 2 === 0 ? executionId : undefined);
      expect(findings.filter(({ difference, execution_id: id }) => difference && id === executionId)).toEqual(
        [],
      );
      seen.push(summary.checked.records);
    }
    stopped = true;
    await work;
    expect(seen.at(-1)).toBeGreaterThan(seen[0] ?? 0);
  });

  it('reads an execution of many pages, and names the one record that was changed', async () => {
    const executionId = newId();
    const at = { executionId };
    const ids = Array.from({ length: 12_000 }, anId);
    const line = (id: string, n: number): LineageEvent[] => [
      registered(
        id,
        at,
        n === 0 ? {} : { parentId: ids[n - 1], joinedParentIds: n > 2 ? [ids[n - 3] as string] : [] },
      ),
      completed(id, at),
    ];
    await app.store(ids.flatMap(line));
    const { findings, summary } = await verify(app, executionId);
    expect(findings).toEqual([]);
    expect(summary.checked).toMatchObject({
      events: 24_000,
      records: 12_000,
      joins: 11_997,
      counters: 24_006,
    });
    await app.sql(`UPDATE lineage_record SET output_hash = 'x' WHERE execution_id = $1 AND id = $2`, [
      executionId,
      ids[7777],
    ]);
    await app.sql(`DELETE FROM lineage_join WHERE execution_id = $1 AND child_id = $2`, [
      executionId,
      ids[5001],
    ]);
    expect((await verify(app, executionId)).findings.map(({ kind, record_id }) => [kind, record_id])).toEqual(
      [
        ['record_differs', ids[7777]],
        ['join_missing', ids[5001]],
      ],
    );
  });

  it('leaves out what was pruned, be it on its way out or gone', async () => {
    const executionId = newId();
    const id = anId();
    await app.store([executionStarted({ executionId }), registered(id, { executionId })]);
    await app.sql('INSERT INTO lineage_tombstone VALUES ($1, now(), true)', [executionId]);
    await app.sql('DELETE FROM lineage_event WHERE execution_id = $1 AND record_id = $2', [executionId, id]);
    const { findings, summary } = await verify(app);
    expect(findings.filter((finding) => finding.execution_id === executionId)).toEqual([]);
    expect(summary.checked.pruned).toBe(1);
    const asked = await app.get(`/api/v1/lineage/verify?execution_id=${executionId}`);
    expect(asked).toMatchObject({ status: 404, body: { code: 'execution_pruned' } });
  });

  it.each([
    ['?execution_id=1', 400, 'execution_id'],
    ['?limit=0', 400, 'limit'],
    ['?limit=1001', 400, 'limit'],
    ['?record_id=1', 400, 'record_id'],
  ])('refuses %s', async (query, status, field) => {
    const answer = await app.get<{ errors: { field: string }[] }>(`/api/v1/lineage/verify${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body.errors.map((error) => error.field)).toEqual([field]);
  });

  it('knows of an execution that is not there', async () => {
    const answer = await app.get(`/api/v1/lineage/verify?execution_id=${anId()}`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'execution_not_found' } });
  });

  describe('of gaps', () => {
    const recorderId = newId();
    const executionId = newId();
    const id = anId();
    const arrive = async (sequences: readonly number[], arrival: 'new' | 'rejected' = 'new') => {
      const arrived = new ArrivedSequences();
      const events = sequences.map((sequence) => ({
        ...registered(anId(), { executionId }),
        source: { recorderId, sequence },
      }));
      if (arrival === 'new') await append(writing, events);
      for (const event of events) arrived.add(event, arrival);
      await writeCoverage(writing, arrived);
    };
    const gaps = async (asked?: string) => {
      const { findings } = await verify(app, asked);
      const own = findings.filter((finding) => finding.recorder_id === recorderId);
      return {
        found: own.map(({ kind, expected, difference }) => [kind, expected, difference]),
        differences: own.filter(({ difference }) => difference).length,
        advice: own.map(({ advice }) => advice),
      };
    };

    it('waits for what a recorder that is alive has counted', async () => {
      await app.store([
        executionStarted({ executionId }),
        registered(id, { executionId }),
        started(id, { executionId }),
      ]);
      await arrive([1, 2, 3, 6]);
      await recordHeartbeat(writing, recorderId, heartbeat({ highestSequence: 9, closed: false }));
      for (const asked of [undefined, executionId])
        expect(await gaps(asked)).toMatchObject({
          found: [
            ['gap_awaited', '4-5', false],
            ['gap_awaited', '7-9', false],
          ],
          differences: 0,
        });
    });

    it('tells what was lost, what was rejected, and what never came of a recorder that has ended', async () => {
      await arrive([5], 'rejected');
      await recordHeartbeat(writing, recorderId, heartbeat({ highestSequence: 9, lost: [[8, 9]] }));
      for (const asked of [undefined, executionId]) {
        const { found, differences, advice } = await gaps(asked);
        expect(found).toEqual([
          ['gap_lost', '8-9', true],
          ['gap_rejected', '5', true],
          ['gap_missing', '4', true],
          ['gap_missing', '7', true],
        ]);
        expect(differences).toBe(4);
        expect(advice[0]).toMatch(/^factflow lineage import/);
      }
    });

    it('is quiet when it has all arrived', async () => {
      await arrive([4, 5, 7, 8, 9]);
      for (const asked of [undefined, executionId])
        expect(await gaps(asked)).toMatchObject({ found: [], differences: 0 });
    });
  });

  describe('that is held up', () => {
    let blocker: Client;
    const executionId = newId();
    beforeAll(async () => {
      await app.store([registered(anId(), { executionId })]);
      blocker = new Client(app.databaseUrl);
      await blocker.connect();
    });
    beforeEach(() => blocker.query('BEGIN; LOCK lineage_statistics IN ACCESS EXCLUSIVE MODE'));
    afterEach(() => blocker.query('ROLLBACK'));
    afterAll(() => blocker.end());

    const busy = async (): Promise<number> => {
      const rows = await app.sql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'factflow-query' AND state <> 'idle'`,
      );
      return (rows as unknown[]).length;
    };
    const ask = () => {
      const sent = request(`${app.url}/api/v1/lineage/verify?execution_id=${executionId}`, { agent: false });
      sent.on('error', () => undefined);
      return sent.end();
    };

    it('is refused when as many as may are at work, and ends when nobody waits for it', async () => {
      const askers = Array.from({ length: MOST_AT_ONCE }, ask);
      await eventually(async () => (await busy()) === MOST_AT_ONCE, 'verifications to wait for the lock');
      const refused = await app.get('/api/v1/lineage/verify');
      expect(refused).toMatchObject({ status: 503, body: { code: 'verify_busy' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      for (const asker of askers) asker.destroy();
      await eventually(async () => (await busy()) === 0, 'their statements to end');
      await blocker.query('ROLLBACK');
      await eventually(
        async () => (await app.get(`/api/v1/lineage/verify?execution_id=${executionId}`)).status === 200,
        'an answer',
      );
      expect(app.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    });
  });
});
