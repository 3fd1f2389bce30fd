import type { LineageEvent } from '@factflow/domain';
import { anId, completed, executionStarted, registered, started } from '@factflow/domain/testing';
import { allPages, startQueryApp, type QueryApp } from '../testing/query-app';
import type { Chain, ChainLine } from './chain';
import type { Stats } from './stats';
import type { LineageRecord } from './lineage-record';

const PATH = '/api/v1/lineage';

let app: QueryApp;
const [gone, alive] = [anId(), anId()];
const at = { executionId: anId() };
const elsewhere = { executionId: anId() };
const healthy = { executionId: anId() };
const [root, waiting, resumed, rescued, ended, silent, sourceless, other, fine] = Array.from(
  { length: 9 },
  anId,
) as [string, string, string, string, string, string, string, string, string];

let sequence = 0;
const from = (recorderId: string, ...events: readonly LineageEvent[]): LineageEvent[] =>
  events.map((event) => ({ ...event, source: { recorderId, sequence: ++sequence } }));
const child = { parentId: root, adapterName: 'embedder' };

beforeAll(async () => {
  app = await startQueryApp();
  await app.store([
    ...from(gone, executionStarted(at), registered(root, at, { started: true })),
    // Registered and not started: whoever registered it is to start it, as far as anybody knows.
    ...from(
      gone,
      registered(waiting, at, child),
      registered(rescued, at, child),
      registered(ended, at, child),
    ),
    ...from(alive, started(rescued, at), completed(ended, at), registered(resumed, at, child)),
    ...from(gone, started(resumed, at)),
    ...from(anId(), registered(silent, at, child)),
    registered(sourceless, at, child),
    ...from(gone, registered(other, elsewhere)),
    ...from(alive, registered(fine, healthy)),
  ]);
  await app.sql(
    `UPDATE lineage_recorder SET service = 's', heartbeat_at = now() - CASE recorder_id WHEN $1 THEN interval '31 s' ELSE interval '1 s' END
     WHERE recorder_id = ANY($2)`,
    [gone, [gone, alive]],
  );
});
afterAll(() => app.close());

const STALLED = [root, waiting, resumed, other];
const list = async (query: string): Promise<string[]> =>
  (await allPages<LineageRecord>(app, `${PATH}?${query}&limit=2`)).map(({ id }) => id).sort();
const isStalled = (records: readonly LineageRecord[]) =>
  Object.fromEntries(records.map(({ id, stalled }) => [id, stalled]));
const IN_EXECUTION = {
  [root]: true,
  [waiting]: true,
  [resumed]: true,
  [rescued]: false,
  [ended]: false,
  [silent]: false,
  [sourceless]: false,
};

describe('a pending record whose recorder is gone', () => {
  it('is shown as stalled alone, in lists, among children and in chains', async () => {
    for (const id of [...STALLED, rescued, ended, silent, sourceless, fine]) {
      const { body } = await app.get<LineageRecord>(`${PATH}/${id}`);
      expect({ id, stalled: body.stalled }).toEqual({ id, stalled: STALLED.includes(id) });
    }
    const below = Object.fromEntries(Object.entries(IN_EXECUTION).filter(([id]) => id !== root));
    const listed = await allPages<LineageRecord>(app, `${PATH}?execution_id=${at.executionId}&limit=3`);
    expect(isStalled(listed)).toEqual(IN_EXECUTION);
    expect(isStalled(await allPages(app, `${PATH}/${root}/children?limit=4`))).toEqual(below);
    const { body: chain } = await app.get<Chain>(`${PATH}/${root}/chain`);
    expect(isStalled([chain.record, ...chain.descendants])).toEqual(IN_EXECUTION);
    for (const depth of ['', '?depth=3']) {
      const { body: lines } = await app.get<ChainLine[]>(`${PATH}/${root}/chain${depth}`, {
        accept: 'application/x-ndjson',
      });
      expect(isStalled(lines)).toEqual(IN_EXECUTION);
    }
  });

  it('is found by stalled=true, with any other filter', async () => {
    expect(await list('stalled=true')).toEqual([...STALLED].sort());
    expect(await list('stalled=true&sort=started_at')).toEqual([...STALLED].sort());
    expect(await list(`stalled=true&execution_id=${elsewhere.executionId}`)).toEqual([other]);
    expect(await list(`stalled=true&execution_id=${healthy.executionId}`)).toEqual([]);
    expect(await list('stalled=true&adapter_name=embedder')).toEqual([waiting, resumed].sort());
    expect(await list(`stalled=true&parent_id=${root}`)).toEqual([waiting, resumed].sort());
    expect(await list('stalled=true&status=completed')).toEqual([]);
    expect(await list('stalled=true&completion=pending,done')).toEqual([...STALLED].sort());
    const { body } = await app.get<{ items: object[] }>(`${PATH}/failures?stalled=true`);
    expect(body.items).toEqual([]);
  });

  it('is left out by stalled=false', async () => {
    expect(await list(`stalled=false&execution_id=${at.executionId}`)).toEqual(
      [rescued, ended, silent, sourceless].sort(),
    );
    expect(await list(`stalled=false&parent_id=${root}&status=pending`)).toEqual(
      [rescued, silent, sourceless].sort(),
    );
  });

  it('is counted in the statistics of its execution, by adapter', async () => {
    const stats = async (id: string): Promise<Stats> =>
      (await app.get<Stats>(`${PATH}/stats?execution_id=${id}`)).body;
    const { totals, adapters } = await stats(at.executionId);
    expect(totals).toMatchObject({ stalled: 3, by_status: { pending: 6 } });
    expect(adapters.map(({ adapter_name: name, stalled }) => [name, stalled])).toEqual([
      ['chunker', 1],
      ['embedder', 2],
    ]);
    expect((await stats(healthy.executionId)).totals.stalled).toBe(0);
  });

  it('is not stalled any more when a heartbeat comes, or the recorder has closed', async () => {
    const set = (sql: string) => app.sql(`UPDATE lineage_recorder SET ${sql} WHERE recorder_id = $1`, [gone]);
    await set('closed = true');
    expect(await list('stalled=true')).toEqual([]);
    await set('closed = false, heartbeat_at = now()');
    expect(await list('stalled=true')).toEqual([]);
    await set(`heartbeat_at = now() - interval '31 s'`);
    expect(await list('stalled=true')).toEqual([...STALLED].sort());
  });

  it.each(['yes', '', '1', 'true&stalled=true'])('is not asked for with stalled=%s', async (value) => {
    expect((await app.get(`${PATH}?stalled=${value}`)).body).toMatchObject({
      status: 400,
      errors: [{ field: 'stalled' }],
    });
  });
});
