import { completionOf, durationOf, newId, type RecordState } from '@factflow/domain';
import {
  anId,
  arbitraryHistory,
  completed,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { startQueryApp, storeFresh, type Answer, type QueryApp } from '../testing/query-app';
import type { AdapterTotals, Stats, Totals } from './stats';

const START = Date.UTC(2026, 4, 1);
const pathOf = (executionId: string, query = ''): string =>
  `/api/v1/lineage/stats?execution_id=${executionId}${query}`;

describe('stats', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  it('show totals first, then each route and adapter, with durations', async () => {
    const executionId = anId();
    const at = (ms: number) => ({ executionId, at: START + ms });
    const [root, child, other] = [anId(), anId(), anId()];
    await app.store([
      registered(root, at(0), { routeId: 'b', started: true }),
      registered(child, at(0), { routeId: 'a', adapterName: 'z', parentId: root, started: true }),
      registered(other, at(0), { routeId: 'a', adapterName: 'y', parentId: anId(), started: true }),
      completed(root, at(100)),
      failed(other, at(1000)),
    ]);
    const { body } = await app.get<Stats>(pathOf(executionId));
    expect(Object.keys(body)).toEqual(['execution_id', 'totals', 'adapters', 'next_cursor']);
    expect(body.totals).toMatchObject({
      records: 3,
      by_status: { pending: 1, completed: 1, failed: 1, cancelled: 0 },
      by_completion: { pending: 1, awaiting_children: 1, done: 0, failed: 1, cancelled: 0 },
      stalled: 0,
      duration_ms: { count: 2, sum: 1100, mean: 550 },
    });
    expect(body.adapters.map((each) => [each.route_id, each.adapter_name, each.duration_ms?.sum])).toEqual([
      ['a', 'y', 1000],
      ['a', 'z', undefined],
      ['b', 'chunker', 100],
    ]);
    const [slow] = body.adapters;
    expect(Math.abs((slow?.duration_ms?.p99 ?? 0) - 1000)).toBeLessThanOrEqual(10);
  });

  it('of an execution without records are zeros, of an unknown one 404', async () => {
    const executionId = anId();
    await app.store([executionStarted({ executionId })]);
    expect((await app.get<Stats>(pathOf(executionId))).body).toEqual({
      execution_id: executionId,
      totals: {
        records: 0,
        by_status: { pending: 0, completed: 0, failed: 0, cancelled: 0 },
        by_completion: { pending: 0, awaiting_children: 0, done: 0, failed: 0, cancelled: 0 },
        stalled: 0,
        duration_ms: null,
      },
      adapters: [],
      next_cursor: null,
    });
    expect((await app.get(pathOf(anId()))).body).toMatchObject({ status: 404, code: 'execution_not_found' });
  });

  it('need to know of which execution', async () => {
    expect((await app.get('/api/v1/lineage/stats')).body).toMatchObject({
      status: 400,
      errors: [{ field: 'execution_id' }],
    });
  });

  it('are the sums over the registered records, page by page, for any history', async () => {
    const runs = fc.record({
      limit: fc.integer({ min: 1, max: 4 }),
      history: fc.constant(null).chain(() => {
        const executions = [newId()];
        return arbitraryHistory({ executions }).map(({ events }) => ({ events, executions }));
      }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ limit, history: { events, executions } }) => {
        const { records } = await storeFresh(app, events, executions);
        const registeredRecords = records.filter(({ registration }) => registration);
        const adapters: AdapterTotals[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
          const { body }: Answer<Stats> = await app.get(
            pathOf(executions[0] as string, `&limit=${limit}${next}`),
          );
          expect(body.totals).toMatchObject(totalsOf(registeredRecords));
          adapters.push(...body.adapters);
          cursor = body.next_cursor;
        }
        const keys = new Set(
          registeredRecords.map((record) => JSON.stringify([record.routeId, record.adapterName])),
        );
        expect(adapters).toHaveLength(keys.size);
        for (const each of adapters) {
          const own = registeredRecords.filter(
            (record) => record.routeId === each.route_id && record.adapterName === each.adapter_name,
          );
          expect(own.length).toBeGreaterThan(0);
          expect(each).toMatchObject(totalsOf(own));
        }
      }),
      { numRuns: 30 },
    );
  });
});

function totalsOf(records: readonly RecordState[]): object {
  const count = (isCounted: (record: RecordState) => boolean): number => records.filter(isCounted).length;
  const durations = records.map(durationOf).filter((duration) => duration !== null);
  const completion = (name: string): number => count((record) => completionOf(record) === name);
  return {
    records: records.length,
    by_status: {
      pending: count(({ status }) => status === 'pending'),
      completed: count(({ status }) => status === 'completed'),
      failed: count(({ status }) => status === 'failed'),
      cancelled: count(({ status }) => status === 'cancelled'),
    },
    by_completion: {
      pending: completion('pending'),
      awaiting_children: completion('awaiting_children'),
      done: completion('done'),
      failed: completion('failed'),
      cancelled: completion('cancelled'),
    },
    stalled: 0,
    duration_ms:
      durations.length === 0
        ? null
        : { count: durations.length, sum: durations.reduce((sum, duration) => sum + duration, 0) },
  } satisfies Partial<Record<keyof Totals, unknown>>;
}
