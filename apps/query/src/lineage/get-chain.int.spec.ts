import { newId, parentIdsOf, type LineageEvent, type RecordState } from '@factflow/domain';
import { anId, arbitraryHistory, completed, registered, type Rows } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { startQueryApp, storeFresh, type QueryApp } from '../testing/query-app';
import type { Chain, ChainLine, ChainRecord } from './chain';

const START = Date.UTC(2026, 4, 1);
type Place = readonly [id: string, depth: number];
interface Places {
  readonly ancestors: readonly Place[];
  readonly descendants: readonly Place[];
}

const pathOf = (id: string, query = ''): string => `/api/v1/lineage/${id}/chain?${query}`;
const placesOf = (records: readonly ChainRecord[]): Place[] => records.map(({ id, depth }) => [id, depth]);

/** What a chain must be, read off the rows level by level. */
function expectedPlaces(rows: Rows, executionId: string, id: string, maxDepth = Infinity): Places {
  const records = rows.records.filter((record) => record.executionId === executionId);
  const walk = (next: (from: RecordState, to: RecordState) => boolean): Place[] => {
    const seen = new Set([id]);
    const places: Place[] = [];
    let level = records.filter((record) => record.id === id);
    for (let depth = 1; level.length > 0 && depth <= maxDepth; depth += 1) {
      const from = level;
      level = records.filter((to) => !seen.has(to.id) && from.some((record) => next(record, to)));
      for (const record of level) seen.add(record.id);
      places.push(...[...level].sort(inOrder).map((record): Place => [record.id, depth]));
    }
    return places;
  };
  return {
    ancestors: walk((child, to) => parentIdsOf(child).includes(to.id)),
    descendants: walk((parent, to) => parentIdsOf(to).includes(parent.id)),
  };
}

const inOrder = (a: RecordState, b: RecordState): number =>
  Number(a.registration === null) - Number(b.registration === null) ||
  (a.startedAt ?? Infinity) - (b.startedAt ?? Infinity) ||
  (a.id < b.id ? -1 : 1);

describe('chains', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const chainOf = async (id: string, query = ''): Promise<Chain> =>
    (await app.get<Chain>(pathOf(id, query))).body;
  const linesOf = async (id: string, query = ''): Promise<ChainLine[]> =>
    (await app.get<ChainLine[]>(pathOf(id, query), { accept: 'application/x-ndjson' })).body;

  /** All pages of a chain, each at most `limit` long. */
  async function paged(id: string, limit: number, query = ''): Promise<Places> {
    const places = { ancestors: [] as Place[], descendants: [] as Place[] };
    let cursor: string | null = '';
    while (cursor !== null) {
      const chain: Chain = await chainOf(id, `limit=${limit}&${query}${cursor && `&cursor=${cursor}`}`);
      expect(chain.ancestors.length + chain.descendants.length).toBeLessThanOrEqual(limit);
      places.ancestors.push(...placesOf(chain.ancestors));
      places.descendants.push(...placesOf(chain.descendants));
      cursor = chain.next_cursor;
    }
    return places;
  }

  it('are what a walk over the rows gives, paged and streamed, for any history', async () => {
    const runs = fc.record({
      limit: fc.integer({ min: 1, max: 8 }),
      depth: fc.integer({ min: 1, max: 20 }),
      pick: fc.nat(),
      history: fc.constant(null).chain(() => {
        const executions = [newId(), newId()];
        return arbitraryHistory({ executions, maxRecords: 10 }).map(({ events }) => ({ events, executions }));
      }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ limit, depth, pick, history: { events, executions } }) => {
        const rows = await storeFresh(app, events, executions);
        fc.pre(rows.records.length > 0);
        const { id, executionId } = rows.records[pick % rows.records.length] as RecordState;
        const query = `execution_id=${executionId}`;
        const expected = expectedPlaces(rows, executionId, id);
        expect(await paged(id, limit, query)).toEqual(expected);
        expect(await paged(id, limit, `${query}&direction=descendants`)).toEqual({
          ancestors: [],
          descendants: expected.descendants,
        });
        expect(await paged(id, limit, `${query}&depth=${depth}`)).toEqual(
          expectedPlaces(rows, executionId, id, depth),
        );
        const lines = await linesOf(id, query);
        expect(lines.map(({ direction, id: of, depth: at }) => [direction, of, at])).toEqual([
          ['self', id, 0],
          ...expected.ancestors.map(([of, at]) => ['ancestors', of, at]),
          ...expected.descendants.map(([of, at]) => ['descendants', of, at]),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('show the record, its completion and what is around it', async () => {
    const at = { executionId: anId() };
    const [top, middle, bottom] = [anId(), anId(), anId()];
    await app.store([
      registered(top, at),
      registered(middle, at, { parentId: top }),
      registered(bottom, at, { parentId: middle }),
      completed(middle, at),
    ]);
    const chain = await chainOf(middle);
    expect(chain).toMatchObject({
      record: { id: middle, status: 'completed', completion: 'awaiting_children', pending_children: 1 },
      completion: 'awaiting_children',
      ancestors: [{ id: top, depth: 1, completion: 'pending' }],
      descendants: [{ id: bottom, depth: 1, completion: 'pending' }],
      truncated: false,
      next_cursor: null,
    });
    expect(await chainOf(middle, 'direction=ancestors')).toEqual({ ...chain, descendants: [] });
    expect(await chainOf(middle, 'direction=descendants')).toEqual({ ...chain, ancestors: [] });
    expect(await chainOf(top, 'depth=1')).toMatchObject({ descendants: [{ id: middle }] });
    expect(await chainOf(middle.toUpperCase())).toEqual(chain);
  });

  it('end where records are each other’s parents', async () => {
    const at = { executionId: anId() };
    const [first, second, third] = [anId(), anId(), anId()];
    await app.store([
      registered(first, at, { parentId: third }),
      registered(second, at, { parentId: first }),
      registered(third, at, { parentId: second }),
    ]);
    const chain = await chainOf(first);
    expect(placesOf(chain.ancestors)).toEqual([
      [third, 1],
      [second, 2],
    ]);
    expect(placesOf(chain.descendants)).toEqual([
      [second, 1],
      [third, 2],
    ]);
  });

  it('reach a placeholder, and from a placeholder what names it', async () => {
    const at = { executionId: anId() };
    const [unknown, child, sibling] = [anId(), anId(), anId()];
    await app.store([
      registered(child, { ...at, at: START }, { parentId: unknown }),
      registered(sibling, { ...at, at: START + 1 }, { parentId: unknown }),
    ]);
    expect((await chainOf(child)).ancestors).toEqual([
      expect.objectContaining({ id: unknown, status: 'unknown', completion: 'unknown', registered_at: null }),
    ]);
    const chain = await chainOf(unknown);
    expect(chain).toMatchObject({ record: { id: unknown }, completion: 'unknown' });
    expect(placesOf(chain.descendants)).toEqual([
      [child, 1],
      [sibling, 1],
    ]);
  });

  it('follow a line 10,000 deep', async () => {
    const executionId = anId();
    const ids = Array.from({ length: 10_001 }, anId);
    const events: LineageEvent[] = ids.map((id, n) =>
      registered(id, { executionId, at: START + n }, n === 0 ? {} : { parentId: ids[n - 1] as string }),
    );
    await app.store(events);
    const lines = await linesOf(ids[5000] as string);
    expect(lines.map(({ id }) => id)).toEqual([
      ids[5000],
      ...ids.slice(0, 5000).reverse(),
      ...ids.slice(5001),
    ]);
    expect(lines.at(-1)?.depth).toBe(5000);
    const page = await chainOf(ids[0] as string, 'limit=1000');
    expect(page.descendants).toHaveLength(1000);
    expect((await chainOf(ids[0] as string, 'depth=17')).descendants).toHaveLength(17);
  });

  it('hold each record once, at its smallest depth, in a graph with more paths than can be walked', async () => {
    const executionId = anId();
    // 40 layers of 3 records, each the child of all three above: 3^40 paths.
    const layers = Array.from({ length: 40 }, () => [anId(), anId(), anId()]);
    const top = anId();
    await app.store([
      registered(top, { executionId, at: START }),
      ...layers.flatMap((layer, depth) =>
        layer.map((id) => {
          const parents = depth === 0 ? [top] : (layers[depth - 1] as string[]);
          const at = { executionId, at: START + depth + 1 };
          return registered(id, at, { parentId: parents[0] as string, joinedParentIds: [...parents, top] });
        }),
      ),
    ]);
    const chain = await chainOf(top);
    expect(chain.descendants).toHaveLength(120);
    expect(chain.descendants.every(({ depth }) => depth === 1)).toBe(true);
    const { ancestors } = await chainOf(layers[39]?.[0] as string);
    expect(placesOf(ancestors).slice(0, 4)).toEqual([
      [top, 1],
      ...(layers[38] as string[]).map((id): Place => [id, 1]),
    ]);
    expect(ancestors).toHaveLength(118);
  });

  it('take a cursor on to whatever limit, and to no other question', async () => {
    const executionId = anId();
    const [top, ...rest] = Array.from({ length: 12 }, anId) as [string, ...string[]];
    await app.store([
      registered(top, { executionId, at: START }),
      ...rest.map((id, n) => registered(id, { executionId, at: START + 1 + n }, { parentId: top })),
    ]);
    const { next_cursor: cursor } = await chainOf(top, 'limit=5');
    const rest7 = await chainOf(top, `limit=100&execution_id=${executionId}&cursor=${cursor}`);
    expect(rest7.descendants.map(({ id }) => id)).toEqual(rest.slice(5));
    for (const query of [`depth=3&cursor=${cursor}`, `direction=descendants&cursor=${cursor}`]) {
      expect((await app.get(pathOf(top, query))).body).toMatchObject({
        status: 400,
        errors: [{ field: 'cursor' }],
      });
    }
    expect((await app.get(pathOf(rest[0] as string, `cursor=${cursor}`))).status).toBe(400);
  });
});

describe('chains over the limit', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp({ traceLimit: 20 });
  });
  afterAll(() => app.close());

  it('say so, and keep what is nearest', async () => {
    const executionId = anId();
    const ids = Array.from({ length: 23 }, anId);
    await app.store(
      ids.map((id, n) =>
        registered(id, { executionId, at: START - n }, n === 0 ? {} : { parentId: ids[n - 1] as string }),
      ),
    );
    const top = ids[0] as string;
    const { body: whole } = await app.get<Chain>(pathOf(ids[2] as string));
    expect(whole).toMatchObject({ truncated: false, descendants: { length: 20 } });
    const { body: cut } = await app.get<Chain>(pathOf(ids[1] as string));
    expect(cut).toMatchObject({ truncated: true, descendants: { length: 20 }, next_cursor: null });
    expect(cut.descendants.map(({ id }) => id)).toEqual(ids.slice(2, 22));
    const { body: shallow } = await app.get<Chain>(pathOf(top, 'depth=5'));
    expect(shallow).toMatchObject({ truncated: false, descendants: { length: 5 } });

    const { body: lines } = await app.get<object[]>(pathOf(top), { accept: 'application/x-ndjson' });
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toEqual({ truncated: true });
    const { body: notCut } = await app.get<object[]>(pathOf(ids[2] as string), {
      accept: 'application/x-ndjson',
    });
    expect(notCut).toHaveLength(23);
    expect(notCut.at(-1)).toMatchObject({ id: ids[22], depth: 20 });
  });
});
