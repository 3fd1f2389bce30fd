import type { LineageEvent } from '@factflow/domain';
import { anId, cancelled, completed, failed, registered } from '@factflow/domain/testing';
import { createReadOnlySource } from '../database/database.module';
import { ExplainingDatabase, rowsRead } from '../testing/explaining-database';
import { allPages, startQueryApp, type QueryApp } from '../testing/query-app';
import type { FailedRecord } from './failed-record';
import { ListFailures, ListFailuresHandler } from './list-failures';

describe('failures', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const at = { executionId: anId() };
  const fails = (id: string, retryOf?: string): LineageEvent[] => [
    registered(id, at, retryOf === undefined ? {} : { retryOf }),
    failed(id, at),
  ];
  const succeeds = (id: string, retryOf: string): LineageEvent[] => [
    registered(id, at, { retryOf }),
    completed(id, at),
  ];
  const failure = async (id: string): Promise<FailedRecord | undefined> =>
    (await allPages<FailedRecord>(app, '/api/v1/lineage/failures?limit=3')).find((item) => item.id === id);

  it('tell of nothing where nothing was tried since', async () => {
    const id = anId();
    await app.store([...fails(id), registered(anId(), at, { parentId: id })]);
    expect(await failure(id)).toMatchObject({ id, retry: null, replay: null });
  });

  it('tell of the attempt that completed, of every attempt before it, whatever came later', async () => {
    const [first, second, third, fourth] = [anId(), anId(), anId(), anId()];
    await app.store([...fails(first), ...fails(second, first)]);
    expect((await failure(first))?.retry).toEqual({
      id: second,
      execution_id: at.executionId,
      status: 'failed',
      completion: 'failed',
    });
    expect((await failure(second))?.retry).toBeNull();
    await app.store([...succeeds(third, first), registered(fourth, at, { retryOf: first })]);
    for (const id of [first, second]) {
      expect((await failure(id))?.retry).toMatchObject({
        id: third,
        status: 'completed',
        completion: 'done',
      });
    }
    await app.store([registered(anId(), at, { parentId: third })]);
    expect((await failure(first))?.retry).toMatchObject({ id: third, completion: 'awaiting_children' });
  });

  it('tell of the latest attempt while none completed', async () => {
    const [first, second, third] = [anId(), anId(), anId()];
    await app.store([...fails(first), ...fails(second, first), registered(third, at, { retryOf: first })]);
    for (const id of [first, second]) {
      expect((await failure(id))?.retry).toMatchObject({ id: third, completion: 'pending' });
    }
    await app.store([cancelled(third, at)]);
    expect((await failure(first))?.retry).toMatchObject({ id: third, completion: 'cancelled' });
  });

  it('follow retries that name each other, and end where they go round', async () => {
    const [first, second, third] = [anId(), anId(), anId()];
    await app.store([...fails(first), ...fails(second, first), ...succeeds(third, second)]);
    for (const id of [first, second]) expect((await failure(id))?.retry).toMatchObject({ id: third });
    const [here, there] = [anId(), anId()];
    await app.store([...fails(here, there), ...fails(there, here)]);
    expect(await failure(here)).toMatchObject({ id: here });
    expect(await failure(there)).toMatchObject({ id: there });
  });

  it('tell of replays in other executions', async () => {
    const [id, again, better] = [anId(), anId(), anId()];
    const [next, last] = [{ executionId: anId() }, { executionId: anId() }];
    await app.store([...fails(id), registered(again, next, { replayOfRecord: id }), failed(again, next)]);
    expect((await failure(id))?.replay).toMatchObject({
      id: again,
      execution_id: next.executionId,
      completion: 'failed',
    });
    await app.store([registered(better, last, { replayOfRecord: id }), completed(better, last)]);
    expect(await failure(id)).toMatchObject({ retry: null, replay: { id: better, completion: 'done' } });
  });

  it('take one statement more for a page, and read an entry or two of each record, however often it was tried', async () => {
    const one = { executionId: anId() };
    const ids = Array.from({ length: 50 }, anId);
    const poisoned = ids[7] as string;
    await app.store([
      ...ids.flatMap((id) => [registered(id, one), failed(id, one)]),
      ...Array.from({ length: 2000 }, anId).map((id) => registered(id, one, { retryOf: poisoned })),
    ]);
    const database = new ExplainingDatabase(
      createReadOnlySource({ databaseUrl: app.databaseUrl, poolSize: 1, statementTimeoutMs: 60_000 }),
    );
    try {
      const request = { execution_id: one.executionId, limit: 50 };
      const { items } = await new ListFailuresHandler(database).execute(new ListFailures(request));
      expect(items.filter(({ retry }) => retry !== null).map(({ id }) => id)).toEqual([poisoned]);
      const statements = database.taken();
      expect(statements).toHaveLength(2);
      const { nodes } = statements[1] as (typeof statements)[number];
      expect(nodes.filter((node) => /Seq|Sort|Bitmap/.test(node['Node Type']))).toEqual([]);
      expect(nodes.map((node) => node['Index Name'] ?? '').filter((name) => name !== '')).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/retry_of|_retry/),
          expect.stringMatching(/replay_of|_replay/),
        ]),
      );
      expect(rowsRead(nodes)).toBeLessThan(20);
    } finally {
      await database.onApplicationShutdown();
    }
  });
});
