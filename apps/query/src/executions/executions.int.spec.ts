import { formatTime } from '@factflow/domain';
import {
  anId,
  completed,
  eventAt,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { allPages, startQueryApp, type QueryApp } from '../testing/query-app';
import type { Execution, ExecutionPage } from './execution';
import type { ExecutionDetails } from './execution-details';

const START = Date.UTC(2026, 4, 1);
const LIST = '/api/v1/executions';

describe('executions', () => {
  let app: QueryApp;
  const [done, waiting, mentioning, running, broken, stopped] = Array.from({ length: 6 }, anId) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const unknown = anId();

  beforeAll(async () => {
    app = await startQueryApp();
    const record = anId();
    const at = (executionId: string, ms: number) => ({ executionId, at: START + ms });
    await app.store([
      executionStarted(at(done, 0), { name: 'nightly', metadata: { host: 'a' } }),
      registered(record, at(done, 1)),
      completed(record, at(done, 2)),
      executionEnded(at(done, 3)),
      executionStarted(at(waiting, 10), { name: 'nightly', replayOf: done, fromStage: 'chunker' }),
      registered(anId(), at(waiting, 11)),
      executionEnded(at(waiting, 12)),
      registered(record, at(mentioning, 20), { parentId: unknown }),
      completed(record, at(mentioning, 21)),
      executionEnded(at(mentioning, 22)),
      registered(record, at(running, 30)),
      failed(record, at(running, 31)),
      eventAt('execution.failed', at(broken, 40), undefined, { error: { class: 'E', message: 'm' } }),
      executionEnded(at(stopped, 50), 'execution.cancelled'),
    ]);
  });
  afterAll(() => app.close());

  const idsOf = async (query: string): Promise<string[]> =>
    (await allPages<Execution>(app, `${LIST}?${query}`)).map(({ id }) => id);

  it('show every field, absent ones as null', async () => {
    const { body } = await app.get<Execution>(`${LIST}/${done.toUpperCase()}`);
    expect(body).toEqual({
      id: done,
      name: 'nightly',
      status: 'completed',
      completion: 'done',
      started_at: '2026-05-01T00:00:00.000Z',
      completed_at: '2026-05-01T00:00:00.003Z',
      error: null,
      replay_of: null,
      from_stage: null,
      metadata: { host: 'a' },
      counts: { pending: 0, completed: 1, failed: 0, cancelled: 0 },
      unsettled: 0,
      placeholders: 0,
      pinned: false,
      completeness: {
        state: 'unknown',
        reason: expect.stringContaining('without a recorder') as string,
        pending: 0,
        ranges: [],
        advice: null,
      },
      failing_adapters: [],
      more_failing_adapters: false,
      replays: [
        {
          id: waiting,
          name: 'nightly',
          status: 'completed',
          completion: 'awaiting_records',
          from_stage: 'chunker',
          started_at: '2026-05-01T00:00:00.010Z',
        },
      ],
      more_replays: false,
    });
  });

  it('are done only when nothing of them is unsettled or unknown', async () => {
    const shown = async (id: string): Promise<Execution> => (await app.get<Execution>(`${LIST}/${id}`)).body;
    expect(await shown(waiting)).toMatchObject({
      status: 'completed',
      completion: 'awaiting_records',
      unsettled: 1,
      replay_of: done,
      from_stage: 'chunker',
    });
    expect(await shown(mentioning)).toMatchObject({ completion: 'awaiting_records', placeholders: 1 });
    expect(await shown(running)).toMatchObject({
      name: null,
      completion: 'running',
      started_at: '2026-05-01T00:00:00.030Z',
      counts: { failed: 1 },
    });
    expect(await shown(broken)).toMatchObject({
      completion: 'failed',
      error: { class: 'E', message: 'm', traceback: null },
    });
  });

  it.each<[string, () => string, () => string[]]>([
    ['nothing, newest first', () => '', () => [stopped, broken, running, mentioning, waiting, done]],
    ['status', () => 'status=failed', () => [broken]],
    ['a set of statuses', () => 'status=running,cancelled', () => [stopped, running]],
    ['completion', () => 'completion=awaiting_records', () => [mentioning, waiting]],
    ['a set of completions', () => 'completion=done,failed', () => [broken, done]],
    ['name', () => 'name=nightly', () => [waiting, done]],
    ['started_after, inclusive', () => `started_after=${formatTime(START + 40)}`, () => [stopped, broken]],
    ['started_before, exclusive', () => `started_before=${formatTime(START + 10)}`, () => [done]],
    ['replay_of', () => `replay_of=${done.toUpperCase()}`, () => [waiting]],
    ['replay_of, where there is none', () => `replay_of=${waiting}`, () => []],
    ['several at once', () => 'name=nightly&completion=done', () => [done]],
    ['what none matches', () => 'name=nightly%20', () => []],
  ])('can be listed by %s', async (_name, query, expected) => {
    expect(await idsOf(query())).toEqual(expected());
    expect(await idsOf(`${query()}&limit=1`)).toEqual(expected());
    expect(await idsOf(`${query()}&limit=2`)).toEqual(expected());
  });

  it('that started at one time are paged by id', async () => {
    const ids = Array.from({ length: 9 }, anId);
    await app.store(
      ids.map((executionId) => executionStarted({ executionId, at: START }, { name: 'crowd' })),
    );
    expect(await idsOf('name=crowd&limit=4')).toEqual([...ids].reverse());
    const { body } = await app.get<ExecutionPage>(`${LIST}?name=crowd&limit=9`);
    expect(body.next_cursor).toBeNull();
  });

  it('that nobody knows are 404', async () => {
    expect((await app.get(`${LIST}/${unknown}`)).body).toMatchObject({
      status: 404,
      code: 'execution_not_found',
      detail: `There is no execution ${unknown}.`,
    });
  });

  it('say whether they are pinned, alone and in lists', async () => {
    await app.sql('INSERT INTO lineage_pin VALUES ($1, now(), NULL)', [waiting]);
    const { body } = await app.get<Execution>(`${LIST}/${waiting}`);
    expect(body.pinned).toBe(true);
    const listed = await allPages<Execution>(app, `${LIST}?name=nightly`);
    expect(listed.map(({ id, pinned }) => [id, pinned])).toEqual([
      [waiting, true],
      [done, false],
    ]);
  });

  it('tell which adapters failed, the most first, each with the record that failed last', async () => {
    const at = { executionId: anId() };
    const fails = (adapterName: string, id = anId()) => [registered(id, at, { adapterName }), failed(id, at)];
    const [last, only] = [anId(), anId()];
    const fine = anId();
    await app.store([
      ...fails('embedder'),
      ...fails('parser', only),
      ...fails('embedder', last),
      registered(fine, at, { adapterName: 'writer' }),
      completed(fine, at),
    ]);
    const { body } = await app.get<ExecutionDetails>(`${LIST}/${at.executionId}`);
    expect(body.failing_adapters).toEqual([
      { route_id: 'documents', adapter_name: 'embedder', failed: 2, sample_record_id: last },
      { route_id: 'documents', adapter_name: 'parser', failed: 1, sample_record_id: only },
    ]);
    await app.store(Array.from({ length: 20 }, (_, n) => fails(`adapter ${n}`)).flat());
    const more = (await app.get<ExecutionDetails>(`${LIST}/${at.executionId}`)).body;
    expect(more.failing_adapters).toHaveLength(20);
    expect(more.more_failing_adapters).toBe(true);
  });

  it('tell what was replayed from them, the latest first', async () => {
    const original = anId();
    const replays = Array.from({ length: 21 }, anId);
    await app.store([
      executionStarted({ executionId: original }),
      ...replays.map((executionId, n) =>
        executionStarted({ executionId, at: START + n }, { replayOf: original }),
      ),
    ]);
    const { body } = await app.get<ExecutionDetails>(`${LIST}/${original}`);
    expect(body.replays.map(({ id }) => id)).toEqual(replays.slice(1).reverse());
    expect(body.more_replays).toBe(true);
    expect(await idsOf(`replay_of=${original}&limit=4`)).toEqual([...replays].reverse());
  });
});
