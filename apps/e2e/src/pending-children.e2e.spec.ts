import type { LineageEvent } from '@factflow/domain';
import { anId, completed, executionEnded, executionStarted, registered } from '@factflow/domain/testing';
import { factflow, factflowJson } from './testing/cli';
import { get, getAll, store } from './testing/posting';
import { startSystem, type System } from './testing/system';

interface Shown {
  readonly id: string;
  readonly completion: string;
  readonly pending_children: number;
}

let system: System;
beforeAll(async () => {
  system = await startSystem();
}, 60_000);
afterAll(() => system?.stop(), 60_000);

const at = { executionId: anId() };
const [top, parent, child, grandchild] = [anId(), anId(), anId(), anId()];
const send = (...events: LineageEvent[]): Promise<void> => store(system.command.url, events);
const ask = async <Body>(path: string): Promise<Body> => (await get<Body>(system.query.url, path)).body;
const completionIn = (records: readonly Shown[]): string | undefined =>
  records.find(({ id }) => id === parent)?.completion;

/** The completion of the parent on every route of the API that shows it. */
async function inApi(): Promise<Record<string, string | undefined>> {
  const chain = await ask<{ completion: string; record: Shown }>(`/lineage/${parent}/chain`);
  const above = await ask<{ descendants: Shown[] }>(`/lineage/${top}/chain`);
  const below = await ask<{ ancestors: Shown[] }>(`/lineage/${child}/chain`);
  const lines = await get<string>(system.query.url, `/lineage/${parent}/chain`, {
    accept: 'application/x-ndjson',
  });
  const self = (typeof lines.body === 'string' ? lines.body.split('\n')[0] : '') as string;
  return {
    get: (await ask<Shown>(`/lineage/${parent}`)).completion,
    list: completionIn(await getAll(system.query.url, `/lineage?execution_id=${at.executionId}`)),
    children: completionIn(await getAll(system.query.url, `/lineage/${top}/children`)),
    chain: chain.completion,
    'chain, record': chain.record.completion,
    'chain, descendants': completionIn(above.descendants),
    'chain, ancestors': completionIn(below.ancestors),
    'chain, streamed': (JSON.parse(self) as Shown).completion,
  };
}

/** The completion of the parent in every answer of the CLI that shows it. */
async function inCli(): Promise<Record<string, string | undefined>> {
  const json = <Body>(...args: string[]): Promise<Body> => factflowJson<Body>(system.query.url, ...args);
  const records = (body: Shown[] | { items: Shown[] }): Shown[] => (Array.isArray(body) ? body : body.items);
  const [one, chain, list, children] = await Promise.all([
    json<Shown>('lineage', 'get', parent),
    json<{ completion: string }>('lineage', 'chain', parent),
    json<Shown[]>('lineage', 'list', '--execution', at.executionId),
    json<Shown[]>('lineage', 'children', top),
  ]);
  return {
    get: one.completion,
    chain: chain.completion,
    list: completionIn(records(list)),
    children: completionIn(records(children)),
  };
}

async function expectParent(completion: string): Promise<void> {
  expect([...new Set(Object.values(await inApi()))]).toEqual([completion]);
  expect([...new Set(Object.values(await inCli()))]).toEqual([completion]);
  const listed = await ask<{ items: Shown[] }>(
    `/lineage?execution_id=${at.executionId}&completion=${completion}`,
  );
  expect(completionIn(listed.items)).toBe(completion);
}

const execution = async (): Promise<{ completion: string; unsettled: number }> =>
  ask(`/executions/${at.executionId}`);
const byCompletion = async (): Promise<object> =>
  (await ask<{ totals: { by_completion: object } }>(`/lineage/stats?execution_id=${at.executionId}`)).totals
    .by_completion;

describe('a parent completed while a child is registered and pending', () => {
  beforeAll(() =>
    send(
      executionStarted(at),
      registered(top, at),
      registered(parent, at, { parentId: top }),
      registered(child, at, { parentId: parent }),
      completed(parent, at),
      completed(top, at),
      executionEnded(at),
    ),
  );

  it('awaits its children in the API and the CLI, everywhere', async () => {
    await expectParent('awaiting_children');
    expect(await ask(`/lineage/${parent}`)).toMatchObject({ status: 'completed', pending_children: 1 });
    expect(await byCompletion()).toMatchObject({ awaiting_children: 2, pending: 1, done: 0 });
    expect(await execution()).toMatchObject({ completion: 'awaiting_records', unsettled: 3 });
    expect(await ask('/lineage/failures')).toMatchObject({ items: [] });
    for (const verb of ['get', 'chain']) {
      const { stdout } = await factflow(system.query.url, 'lineage', verb, parent, '-o', 'table');
      expect(stdout).toMatch(/awaiting[ _]children/);
    }
    const shown = await factflowJson(system.query.url, 'execution', 'get', at.executionId);
    expect(shown).toMatchObject({ completion: 'awaiting_records' });
    const waited = await factflow(system.query.url, 'execution', 'wait', at.executionId, '--timeout', '1s');
    expect(waited).toMatchObject({ code: 1, stderr: expect.stringContaining('awaiting_records') });
  }, 60_000);

  it('still awaits them when the child has completed but a child of the child has not', async () => {
    await send(registered(grandchild, at, { parentId: child }), completed(child, at));
    await expectParent('awaiting_children');
    expect(await execution()).toMatchObject({ completion: 'awaiting_records', unsettled: 4 });
  }, 60_000);

  it('is done once everything below it has finished', async () => {
    await send(completed(grandchild, at));
    await expectParent('done');
    expect(await byCompletion()).toMatchObject({ awaiting_children: 0, pending: 0, done: 4 });
    expect(await execution()).toMatchObject({ completion: 'done', unsettled: 0 });
    const waited = await factflow(system.query.url, 'execution', 'wait', at.executionId, '--timeout', '10s');
    expect(waited.code).toBe(0);
  }, 60_000);

  it('waits again when a child is registered late', async () => {
    await send(registered(anId(), at, { parentId: grandchild }));
    await expectParent('awaiting_children');
  }, 60_000);
});
