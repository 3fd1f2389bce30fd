import { completionOf, formatTime, newId, type RecordState } from '@factflow/domain';
import {
  anId,
  arbitraryHistory,
  completed,
  eventAt,
  failed,
  registered,
  type Rows,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { allPages, startQueryApp, storeFresh, type QueryApp } from '../testing/query-app';
import type { LineageRecord, RecordPage } from './lineage-record';

const START = Date.UTC(2026, 4, 1);
const LIST = '/api/v1/lineage';

describe('lists of records', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const idsOf = async (query: string): Promise<string[]> =>
    (await allPages<LineageRecord>(app, `${LIST}?${query}`)).map(({ id }) => id);

  describe('filters', () => {
    const executionId = anId();
    const other = anId();
    const [root, first, second, third, broken, elsewhere] = Array.from({ length: 6 }, anId) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const batchId = anId();

    beforeAll(async () => {
      const at = (ms: number) => ({ executionId, at: START + ms });
      await app.store([
        registered(root, at(0), { inputHash: 'sha256:in', started: true }),
        registered(first, at(10), { parentId: root, batchId, adapterName: 'embedder' }),
        registered(second, at(20), { parentId: root, routeId: 'images', adapterName: 'embedder' }),
        registered(third, at(30), { parentId: second, joinedParentIds: [first, root], batchId }),
        registered(broken, at(40), { parentId: root }),
        completed(root, at(50), { outputHash: 'sha256:out' }),
        completed(first, at(60)),
        failed(broken, at(70)),
        eventAt('record.cancelled', at(80), third, { reason: 'shutdown' }),
        registered(elsewhere, { executionId: other, at: START + 5 }, { parentId: root }),
      ]);
    });

    it.each<[string, () => string, () => string[]]>([
      ['execution_id', () => `execution_id=${other}`, () => [elsewhere]],
      ['execution_id of any case', () => `execution_id=${other.toUpperCase()}`, () => [elsewhere]],
      ['status', () => 'status=failed', () => [broken]],
      ['a set of statuses', () => 'status=cancelled,failed', () => [broken, third]],
      ['completion', () => 'completion=awaiting_children', () => [root]],
      ['a set of completions', () => 'completion=done,cancelled', () => [third, first]],
      ['route_id', () => 'route_id=images', () => [second]],
      ['adapter_name', () => 'adapter_name=embedder', () => [second, first]],
      ['batch_id', () => `batch_id=${batchId}`, () => [third, first]],
      ['parent_id in every execution', () => `parent_id=${root}`, () => [broken, second, first, elsewhere]],
      ['parent_id in one', () => `parent_id=${root}&execution_id=${other}`, () => [elsewhere]],
      ['input_hash', () => 'input_hash=sha256:in', () => [root]],
      ['output_hash', () => 'output_hash=sha256:out', () => [root]],
      ['started_after, inclusive', () => `started_after=${formatTime(START + 30)}`, () => [broken, third]],
      [
        'started_before, exclusive',
        () => `started_before=${formatTime(START + 10)}`,
        () => [elsewhere, root],
      ],
      ['times with an offset', () => 'started_before=2026-05-01T02:00:00.005%2B02:00', () => [root]],
      ['several at once', () => `status=pending&execution_id=${executionId}`, () => [second]],
      ['several that no record matches', () => 'status=pending&completion=done', () => []],
    ])('by %s', async (_name, query, expected) => {
      expect(await idsOf(query())).toEqual(expected());
    });

    it('lists newest first, or oldest first, when asked', async () => {
      const newest = [broken, third, second, first, elsewhere, root];
      expect(await idsOf('')).toEqual(newest);
      expect(await idsOf('sort=-started_at')).toEqual(newest);
      expect(await idsOf('sort=started_at')).toEqual([...newest].reverse());
    });

    it('shows every field, absent ones as null', async () => {
      const { body } = await app.get<RecordPage>(`${LIST}?input_hash=sha256:in`);
      expect(body).toEqual({
        items: [
          {
            id: root,
            execution_id: executionId,
            route_id: 'documents',
            adapter_name: 'chunker',
            parent_id: null,
            status: 'completed',
            input_hash: 'sha256:in',
            output_hash: 'sha256:out',
            input_payload: null,
            output_payload: null,
            error: null,
            started_at: '2026-05-01T00:00:00.000Z',
            completed_at: '2026-05-01T00:00:00.050Z',
            batch_id: null,
            metadata: null,
            pending_children: 1,
            completion: 'awaiting_children',
            joined_parent_ids: null,
            registered_at: '2026-05-01T00:00:00.000Z',
            started: true,
            cancel_reason: null,
            retry_of: null,
            replay_of_record: null,
            conflicts: 0,
            stalled: false,
          },
        ],
        next_cursor: null,
      });
    });

    it('answers with 50 at most unless asked for more', async () => {
      const crowd = anId();
      await app.store(
        Array.from({ length: 60 }, (_, n) =>
          registered(anId(), { executionId: crowd, at: START - 1000 - n }),
        ),
      );
      const { body } = await app.get<RecordPage>(`${LIST}?execution_id=${crowd}`);
      expect(body.items).toHaveLength(50);
      expect(body.next_cursor).not.toBeNull();
      const all = await app.get<RecordPage>(`${LIST}?execution_id=${crowd}&limit=60`);
      expect(all.body.items).toHaveLength(60);
      expect(all.body.next_cursor).toBeNull();
    });
  });

  describe('pages', () => {
    const descending = (a: number | string, b: number | string): number => (a < b ? 1 : a > b ? -1 : 0);
    const shown = (rows: Rows): RecordState[] => rows.records.filter(({ registration }) => registration);
    const keys = (records: readonly RecordState[], time: (r: RecordState) => number): string[] =>
      [...records]
        .sort(
          (a, b) =>
            descending(time(a), time(b)) ||
            descending(a.id, b.id) ||
            descending(a.executionId, b.executionId),
        )
        .map((record) => `${record.executionId}/${record.id}`);
    const found = async (path: string): Promise<string[]> =>
      (await allPages<LineageRecord>(app, path)).map((item) => `${item.execution_id}/${item.id}`);

    // Each run has executions and a batch of its own: what other runs left in the tables is not asked for.
    const runs = fc.record({
      limit: fc.integer({ min: 1, max: 12 }),
      history: fc.constant(null).chain(() => {
        const executions = [newId(), newId()];
        return arbitraryHistory({ executions, maxRecords: 12 }).map(({ events }) => ({ events, executions }));
      }),
    });

    it('follow each other to the whole filtered list, in order and without repeats', async () => {
      await fc.assert(
        fc.asyncProperty(runs, async ({ limit, history: { events, executions } }) => {
          const rows = await storeFresh(app, events, executions);
          const executionId = rows.records[0]?.executionId ?? executions[0];
          const records = shown(rows).filter((record) => record.executionId === executionId);
          const base = `execution_id=${executionId}&limit=${limit}`;
          const newest = keys(records, ({ startedAt }) => startedAt ?? 0);
          expect(await found(`${LIST}?${base}`)).toEqual(newest);
          expect(await found(`${LIST}?${base}&sort=started_at`)).toEqual([...newest].reverse());
          for (const completion of ['done', 'awaiting_children']) {
            expect(await found(`${LIST}?${base}&completion=${completion}`)).toEqual(
              keys(
                records.filter((record) => completionOf(record) === completion),
                ({ startedAt }) => startedAt ?? 0,
              ),
            );
          }
          expect(await found(`${LIST}/failures?${base}`)).toEqual(
            keys(
              records.filter(({ status }) => status === 'failed'),
              ({ terminal }) => terminal?.at ?? 0,
            ),
          );
        }),
        { numRuns: 40 },
      );
    });

    it('cross executions whose records have equal ids and times', async () => {
      const batchId = anId();
      const ids = [anId(), anId(), anId()];
      const executions = [anId(), anId(), anId()];
      await app.store(
        executions.flatMap((executionId) =>
          ids.flatMap((id) => [
            registered(id, { executionId, at: START }, { batchId }),
            failed(id, { executionId, at: START + 1 }),
          ]),
        ),
      );
      const expected = ids.flatMap((id) => executions.map((executionId) => `${executionId}/${id}`)).reverse();
      for (const limit of [1, 2, 5, 9]) {
        expect(await found(`${LIST}?batch_id=${batchId}&limit=${limit}`)).toEqual(expected);
        expect(await found(`${LIST}/failures?batch_id=${batchId}&limit=${limit}`)).toEqual(expected);
      }
    });

    it('merge several completions, and the executions of a parent, where all times and ids are equal', async () => {
      const at = START + 24 * 3600 * 1000;
      const root = anId();
      const children = [anId(), anId(), anId(), anId()];
      const executions = [anId(), anId(), anId()];
      await app.store(
        executions.flatMap((executionId, n) => [
          registered(root, { executionId, at: at - 1 }),
          ...children.flatMap((id, m) => [
            registered(id, { executionId, at }, { parentId: root }),
            ...((n + m) % 2 === 0
              ? [failed(id, { executionId, at: at + 1 })]
              : [eventAt('record.cancelled', { executionId, at: at + 1 }, id, { reason: 'shutdown' })]),
          ]),
        ]),
      );
      const newest = children.flatMap((id) => executions.map((execution) => `${execution}/${id}`)).reverse();
      const oldest = [...newest].reverse();
      const failures = newest.filter((key) => {
        const [execution = '', id = ''] = key.split('/');
        return (executions.indexOf(execution) + children.indexOf(id)) % 2 === 0;
      });
      const day = `started_after=${formatTime(at)}&started_before=${formatTime(at + 1)}`;
      for (const limit of [1, 2, 5, 12]) {
        for (const filter of [`completion=failed,cancelled&${day}`, `parent_id=${root}`]) {
          expect(await found(`${LIST}?${filter}&limit=${limit}`)).toEqual(newest);
          expect(await found(`${LIST}?${filter}&limit=${limit}&sort=started_at`)).toEqual(oldest);
        }
        expect(await found(`${LIST}/failures?parent_id=${root}&limit=${limit}`)).toEqual(failures);
      }
    });
  });
});
