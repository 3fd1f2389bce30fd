import type { LineageEvent } from '@factflow/domain';
import { anId, cancelled, completed, failed, registered, started } from '@factflow/domain/testing';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import type { FailureGroups } from './failure-groups';

const START = Date.UTC(2026, 4, 1);

describe('groups of failures', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const grouped = async (query: string): Promise<FailureGroups> =>
    (await app.get<FailureGroups>(`/api/v1/lineage/failures?group=true&${query}`)).body;
  let ms = START;
  /** A record that failed at a time of its own, later than all before. */
  const fails = (
    id: string,
    executionId: string,
    message: string,
    more: Parameters<typeof registered>[2] = {},
    errorClass = 'E',
  ): LineageEvent[] => [
    registered(id, { executionId, at: ++ms }, more),
    failed(id, { executionId, at: ms }, { class: errorClass, message }),
  ];
  const succeeds = (
    id: string,
    executionId: string,
    more: Parameters<typeof registered>[2],
  ): LineageEvent[] => [
    registered(id, { executionId, at: ++ms }, more),
    completed(id, { executionId, at: ms }),
  ];

  it('tell adapters, classes and messages apart, numbers and the like aside', async () => {
    const executionId = anId();
    const ids = Array.from({ length: 6 }, anId) as [string, string, string, string, string, string];
    await app.store([
      ...fails(ids[0], executionId, 'no chunk 1'),
      ...fails(ids[1], executionId, 'no chunk 23'),
      ...fails(ids[2], executionId, 'no chunk 456'),
      ...fails(ids[3], executionId, 'no chunk 7', { adapterName: 'embedder' }),
      ...fails(ids[4], executionId, 'no chunk 8', {}, 'F'),
      ...fails(ids[5], executionId, `no record ${anId()}`, {}, 'F'),
    ]);
    const answer = await grouped(`execution_id=${executionId}`);
    expect(answer).toMatchObject({ total_groups: 4, failures: 6, ungrouped: 0, truncated: false });
    expect(answer.groups[0]).toEqual({
      route_id: 'documents',
      adapter_name: 'chunker',
      error_class: 'E',
      message: 'no chunk <n>',
      count: 3,
      fixed: 0,
      tried_again: 0,
      first_at: new Date(ms - 5).toISOString(),
      last_at: new Date(ms - 3).toISOString(),
      sample_id: ids[2],
      sample_execution_id: executionId,
    });
    expect(
      answer.groups.slice(1).map((group) => [group.adapter_name, group.error_class, group.message]),
    ).toEqual([
      ['chunker', 'F', 'no record <id>'],
      ['chunker', 'F', 'no chunk <n>'],
      ['embedder', 'E', 'no chunk <n>'],
    ]);
    const few = await grouped(`execution_id=${executionId}&limit=1`);
    expect(few).toEqual({ ...answer, groups: answer.groups.slice(0, 1) });
    const filtered = await grouped(`execution_id=${executionId}&adapter_name=embedder`);
    expect(filtered).toMatchObject({ failures: 1, groups: [{ sample_id: ids[3] }] });
    expect(await grouped(`execution_id=${anId()}`)).toEqual({
      groups: [],
      total_groups: 0,
      failures: 0,
      ungrouped: 0,
      truncated: false,
    });
  });

  it('count what a retry or a replay has fixed, however many turns it took', async () => {
    const [one, other, third] = [anId(), anId(), anId()];
    const [retried, replayed, twice, both, vain, left] = Array.from({ length: 6 }, anId) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const [again, retry, waiting] = [anId(), anId(), anId()];
    await app.store([
      ...[left, retried, replayed, twice, both, vain].flatMap((id) => fails(id, one, 'broken')),
      ...succeeds(anId(), one, { retryOf: retried }),
      ...succeeds(anId(), other, { replayOfRecord: replayed }),
      // Replayed in vain, and that replay again, with success.
      ...fails(again, other, 'broken', { replayOfRecord: twice }),
      ...succeeds(anId(), third, { replayOfRecord: again }),
      // Replayed and retried, both in vain, and the retry replayed with success.
      ...fails(anId(), other, 'broken', { replayOfRecord: both }),
      ...fails(retry, one, 'broken again', { retryOf: both }),
      ...succeeds(anId(), third, { replayOfRecord: retry }),
      // Completed, and what is below it is not.
      ...succeeds(waiting, third, { replayOfRecord: vain }),
      registered(anId(), { executionId: third }, { parentId: waiting }),
    ]);
    const { groups } = await grouped(`execution_id=${one}`);
    expect(groups).toMatchObject([
      { message: 'broken', count: 6, fixed: 4, tried_again: 1, sample_id: vain },
      { message: 'broken again', count: 1, fixed: 1, tried_again: 0, sample_id: retry },
    ]);
  });

  it('do not count as tried what was cancelled before anybody had begun with it', async () => {
    const [one, other, third] = [anId(), anId(), anId()];
    const [untouched, begun, before, after] = Array.from({ length: 4 }, anId) as [
      string,
      string,
      string,
      string,
    ];
    const isCancelled = (id: string, of: string, isBegun = false): LineageEvent[] => [
      registered(id, { executionId: other, at: ++ms }, { replayOfRecord: of }),
      ...(isBegun ? [started(id, { executionId: other, at: ms })] : []),
      cancelled(id, { executionId: other, at: ms }),
    ];
    const again = anId();
    await app.store([
      ...fails(untouched, one, 'untouched'),
      ...isCancelled(anId(), untouched),
      ...fails(begun, one, 'begun'),
      ...isCancelled(anId(), begun, true),
      // Replayed in vain before, and what was cancelled replayed with success after.
      ...fails(before, one, 'in vain before'),
      ...fails(anId(), third, 'broken', { replayOfRecord: before }),
      ...isCancelled(anId(), before),
      ...fails(after, one, 'fixed after'),
      ...isCancelled(again, after),
      ...succeeds(anId(), third, { replayOfRecord: again }),
    ]);
    const { groups } = await grouped(`execution_id=${one}`);
    expect(
      groups.map(({ message, fixed, tried_again: tried }) => `${message}: ${fixed} ${tried}`).sort(),
    ).toEqual(['begun: 0 1', 'fixed after: 1 0', 'in vain before: 0 1', 'untouched: 0 0']);
  });

  it('come with those first that have most left to fix', async () => {
    const executionId = anId();
    const fixed = Array.from({ length: 3 }, anId);
    await app.store([
      ...fixed.flatMap((id) => fails(id, executionId, 'fixed')),
      ...fixed.flatMap((id) => succeeds(anId(), executionId, { retryOf: id })),
      ...fails(anId(), executionId, 'open'),
    ]);
    const { groups } = await grouped(`execution_id=${executionId}`);
    expect(groups.map(({ message, count, fixed: done }) => [message, count, done])).toEqual([
      ['open', 1, 0],
      ['fixed', 3, 3],
    ]);
  });

  it('are made of all failures, however many blocks they take, and there is a most of them', async () => {
    const executionId = anId();
    const word = (n: number): string =>
      n.toString(26).replace(/./g, (c) => String.fromCharCode(97 + parseInt(c, 26)));
    await app.store(
      Array.from({ length: 12_000 }, (_, n) => fails(anId(), executionId, `kind ${word(n)}`)).flat(),
    );
    const all = await grouped(`execution_id=${executionId}&limit=1000`);
    expect(all).toMatchObject({ failures: 12_000, total_groups: 10_000, ungrouped: 2000, truncated: false });
    expect(all.groups).toHaveLength(1000);
  });

  it('have no pages, and say so', async () => {
    const { body } = await app.get('/api/v1/lineage/failures?group=true&cursor=x');
    expect(body).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
  });
});
