import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  cancelled,
  completed,
  eventAt,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { startQueryApp, type QueryApp } from '../../testing/query-app';
import type { Diff, DiffRow, DiffSummary } from './diff';

type At = Parameters<typeof registered>[1];

describe('a diff of two executions', () => {
  let app: QueryApp;
  let a: string;
  let b: string;
  beforeAll(async () => {
    app = await startQueryApp({ diffLimit: 50 });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    [a, b] = [anId(), anId()];
  });

  const diff = async (query = ''): Promise<Diff> =>
    (await app.get<Diff>(`/api/v1/executions/${a}/diff/${b}?${query}`)).body;
  const classes = async (): Promise<Record<string, number>> => {
    const { totals } = await diff();
    return Object.fromEntries(Object.entries(totals).filter(([, count]) => count > 0));
  };
  const input = (name: string) => ({ inputHash: `sha256:${name}` });
  /** A message that ended as told. */
  const message = (
    id: string,
    at: At,
    name: string,
    end: 'done' | 'failed' | 'pending' | 'cancelled' | string,
    more: Parameters<typeof registered>[2] = {},
  ): LineageEvent[] => [
    registered(id, at, { ...input(name), ...more }),
    ...(end === 'done'
      ? [completed(id, at, { outputHash: 'sha256:out' })]
      : end === 'failed'
        ? [failed(id, at)]
        : end === 'cancelled'
          ? [cancelled(id, at, { reason: 'no time' })]
          : end === 'pending'
            ? []
            : [completed(id, at, { outputHash: end })]),
  ];
  const over = (executionId: string): LineageEvent => executionEnded({ executionId });
  const inA = () => ({ executionId: a });
  const inB = () => ({ executionId: b });

  it.each<[string, string, Record<string, number>]>([
    ['failed', 'done', { fixed: 1 }],
    ['cancelled', 'done', { fixed: 1 }],
    ['done', 'failed', { newly_failing: 1 }],
    ['done', 'cancelled', { newly_cancelled: 1 }],
    ['failed', 'failed', { failing_same: 1 }],
    ['cancelled', 'cancelled', { failing_same: 1 }],
    ['failed', 'cancelled', { newly_cancelled: 1 }],
    ['cancelled', 'failed', { failing_differently: 1 }],
    ['pending', 'cancelled', { pending: 1 }],
    ['done', 'done', { identical: 1 }],
    ['done', 'sha256:other', { output_changed: 1 }],
    ['done', 'pending', { pending: 1 }],
    ['failed', 'pending', { pending: 1 }],
    ['pending', 'done', { pending: 1 }],
  ])('tells of %s, then %s', async (before, after, expected) => {
    await app.store([...message(anId(), inA(), 'x', before), ...message(anId(), inB(), 'x', after)]);
    await app.store([over(b)]);
    expect(await classes()).toEqual(expected);
  });

  it('counts what a left unfinished as fixed only when a is over', async () => {
    await app.store([...message(anId(), inA(), 'x', 'pending'), ...message(anId(), inB(), 'x', 'done')]);
    expect(await classes()).toEqual({ pending: 1 });
    await app.store([eventAt('execution.failed', inA(), undefined, { error: { class: 'E', message: 'm' } })]);
    expect(await classes()).toEqual({ fixed: 1 });
  });

  it('counts what a left unfinished as newly cancelled when a is over', async () => {
    await app.store([
      ...message(anId(), inA(), 'x', 'pending'),
      eventAt('execution.failed', inA(), undefined, { error: { class: 'E', message: 'm' } }),
      ...message(anId(), inB(), 'x', 'cancelled'),
      over(b),
    ]);
    expect(await classes()).toEqual({ newly_cancelled: 1 });
  });

  it('calls nothing missing, and nothing finished, while b goes on', async () => {
    const root = anId();
    await app.store([
      ...message(anId(), inA(), 'x', 'failed'),
      ...message(anId(), inA(), 'y', 'done'),
      ...message(root, inB(), 'x', 'done'),
    ]);
    expect(await diff()).toMatchObject({
      finished: false,
      worse: false,
      totals: { pending: 1, fixed: 1, missing: 0 },
    });
    // Completed, and something below it is not: never fixed.
    const child = anId();
    await app.store([registered(child, inB(), { parentId: root, ...input('z') }), over(b)]);
    expect(await diff()).toMatchObject({ finished: false, totals: { pending: 2, fixed: 0, extra: 1 } });
    await app.store([completed(child, inB())]);
    expect(await diff()).toMatchObject({
      finished: true,
      worse: true,
      totals: { pending: 0, fixed: 1, extra: 1, missing: 1 },
    });
  });

  it('takes retries as one message whose outcome is that of the last attempt', async () => {
    const [first, again] = [anId(), anId()];
    await app.store([
      ...message(first, inA(), 'x', 'failed'),
      ...message(anId(), inA(), 'x', 'failed', { retryOf: first }),
      ...message(again, inB(), 'x', 'failed'),
      ...message(anId(), inB(), 'x', 'failed', { retryOf: again }),
      ...message(anId(), inB(), 'x', 'done', { retryOf: again }),
      over(b),
    ]);
    const { items, totals } = await diff();
    expect(totals).toMatchObject({ fixed: 1, failing_same: 0, extra: 0 });
    expect(items).toMatchObject([{ a: { attempts: 2 }, b: { attempts: 3, completion: 'done' } }]);
  });

  it('takes what an attempt registered again as the same', async () => {
    const [one, first, again] = [anId(), anId(), anId()];
    await app.store([
      ...message(one, inA(), 'x', 'done'),
      ...message(anId(), inA(), 'y', 'done', { parentId: one }),
      ...message(first, inB(), 'x', 'failed'),
      ...message(anId(), inB(), 'y', 'failed', { parentId: first }),
      ...message(again, inB(), 'x', 'done', { retryOf: first }),
      ...message(anId(), inB(), 'y', 'done', { parentId: again }),
      over(b),
    ]);
    expect(await classes()).toEqual({ identical: 2 });
  });

  it('compares errors without what differs from one occurrence to the next', async () => {
    const error = (text: string) => ({ class: 'E', message: text });
    const fails = (at: At, name: string, text: string): LineageEvent[] => {
      const id = anId();
      return [registered(id, at, input(name)), failed(id, at, error(text))];
    };
    await app.store([
      ...fails(inA(), 'x', `no record ${anId()} after 12 ms`),
      ...fails(inB(), 'x', `no record ${anId()} after 9 ms`),
      ...fails(inA(), 'y', 'quota exceeded'),
      ...fails(inB(), 'y', 'no connection'),
      over(b),
    ]);
    const { totals, items, worse } = await diff();
    expect(totals).toMatchObject({ failing_same: 1, failing_differently: 1 });
    expect(worse).toBe(false);
    expect(items[0]).toMatchObject({
      class: 'failing_differently',
      a: { error: { class: 'E', message: 'quota exceeded' } },
      b: { error: { class: 'E', message: 'no connection' } },
    });
  });

  describe('of a replay', () => {
    it('compares what was replayed and what is below it, not what came before', async () => {
      const [top, bad, good, below] = [anId(), anId(), anId(), anId()];
      const again = anId();
      await app.store([
        ...message(top, inA(), 'top', 'done', { adapterName: 'parser' }),
        ...message(bad, inA(), 'bad', 'failed', { parentId: top }),
        ...message(good, inA(), 'good', 'done', { parentId: top }),
        ...message(below, inA(), 'below', 'done', { parentId: good, adapterName: 'embedder' }),
        executionStarted(inB(), { replayOf: a, fromStage: 'chunker' }),
        ...message(again, inB(), 'bad', 'done', { replayOfRecord: bad }),
        ...message(anId(), inB(), 'new', 'done', { parentId: again, adapterName: 'embedder' }),
        over(b),
      ]);
      const { totals, a: sideA, b: sideB, items, worse } = await diff();
      expect(totals).toMatchObject({ fixed: 1, extra: 1, missing: 0, identical: 0 });
      expect(sideA).toMatchObject({ compared: 1, outside: 3 });
      expect(sideB).toMatchObject({ compared: 2, outside: 0, replay_of: a });
      expect(items.map((row) => [row.class, row.paired_by])).toEqual([
        ['extra', null],
        ['fixed', 'replay'],
      ]);
      expect(worse).toBe(false);
      // The other way round the same is compared.
      [a, b] = [b, a];
      await app.store([over(b)]);
      expect(await diff()).toMatchObject({
        totals: { newly_failing: 1, missing: 1, extra: 0 },
        b: { compared: 1, outside: 3 },
      });
    });

    it('pairs replays of replays, and two replays of one execution', async () => {
      const [original, first, second] = [anId(), anId(), anId()];
      const other = anId();
      await app.store([
        ...message(original, inA(), 'x', 'failed'),
        ...message(first, { executionId: other }, 'x', 'failed', { replayOfRecord: original }),
        // The input is another one: nothing but names can pair it.
        ...message(second, inB(), 'y', 'done', { replayOfRecord: first }),
        over(b),
        over(other),
      ]);
      expect(await classes()).toEqual({ fixed: 1 });
      a = anId();
      await app.store(message(anId(), inA(), 'z', 'failed', { replayOfRecord: original }));
      expect(await classes()).toEqual({ fixed: 1 });
    });
  });

  it('pairs messages alike with those that came to the same end, in whatever order they came', async () => {
    const twin = (at: At, end: string): LineageEvent[] => {
      const id = anId();
      return [
        ...message(id, at, 'twin', 'done'),
        ...message(anId(), at, 'child', end, { parentId: id, adapterName: 'embedder' }),
      ];
    };
    await app.store([
      ...twin(inA(), 'failed'),
      ...twin(inA(), 'done'),
      ...twin(inB(), 'done'),
      ...twin(inB(), 'failed'),
      over(b),
    ]);
    expect(await classes()).toEqual({ identical: 3, failing_same: 1 });
  });

  it('is worse when b cancelled what a did not, whatever it was there, and not when both cancelled it', async () => {
    const [failure, good, dropped] = [anId(), anId(), anId()];
    await app.store([
      ...message(failure, inA(), 'x', 'failed'),
      ...message(good, inA(), 'z', 'done'),
      registered(dropped, inA(), input('y')),
      cancelled(dropped, inA(), { reason: 'a duplicate' }),
      ...message(anId(), inB(), 'y', 'cancelled', { replayOfRecord: dropped }),
      over(b),
    ]);
    expect(await diff()).toMatchObject({
      worse: false,
      totals: { failing_differently: 1, newly_cancelled: 0, missing: 0 },
    });
    await app.store([
      ...message(anId(), inB(), 'x', 'cancelled', { replayOfRecord: failure }),
      ...message(anId(), inB(), 'z', 'cancelled', { replayOfRecord: good }),
    ]);
    expect(await diff()).toMatchObject({
      finished: true,
      worse: true,
      totals: { failing_differently: 1, newly_cancelled: 2, newly_failing: 0, missing: 0 },
    });
  });

  it('is worse when something fails that only b has', async () => {
    const [one, two] = [anId(), anId()];
    await app.store([
      ...message(one, inA(), 'x', 'done'),
      ...message(two, inB(), 'x', 'done'),
      ...message(anId(), inB(), 'y', 'failed', { parentId: two, adapterName: 'embedder' }),
      over(b),
    ]);
    expect(await diff()).toMatchObject({
      worse: true,
      finished: true,
      totals: { identical: 1, extra: 1, extra_failing: 1, failing_further: 0 },
      adapters: [
        { adapter_name: 'chunker', identical: 1, extra: 0 },
        { adapter_name: 'embedder', identical: 0, extra: 1, extra_failing: 1 },
      ],
    });
  });

  it('is not worse when what is fixed fails further on, where it never came before', async () => {
    const [one, two, further] = [anId(), anId(), anId()];
    await app.store([
      ...message(one, inA(), 'x', 'failed'),
      ...message(two, inB(), 'x', 'done'),
      ...message(further, inB(), 'y', 'done', { parentId: two, adapterName: 'embedder' }),
      ...message(anId(), inB(), 'z', 'failed', { parentId: further, adapterName: 'writer' }),
      over(b),
    ]);
    expect(await diff()).toMatchObject({
      worse: false,
      finished: true,
      totals: { fixed: 1, extra: 2, extra_failing: 0, failing_further: 1 },
    });
  });

  it('marks what came to the same end and took more than twice as long, by 100 ms at least', async () => {
    const at = (executionId: string, ms: number): At => ({ executionId, at: Date.UTC(2026, 4, 1) + ms });
    const took = (executionId: string, name: string, ms: number): LineageEvent[] => {
      const id = anId();
      return [registered(id, at(executionId, 0), input(name)), completed(id, at(executionId, ms))];
    };
    await app.store([
      ...took(a, 'slow', 100),
      ...took(b, 'slow', 201),
      ...took(a, 'twice', 100),
      ...took(b, 'twice', 200),
      ...took(a, 'little', 10),
      ...took(b, 'little', 100),
      ...took(a, 'fast', 500),
      ...took(b, 'fast', 1),
      over(b),
    ]);
    const { totals, items } = await diff('class=slower');
    expect(totals).toMatchObject({ identical: 4, slower: 1 });
    expect(items).toMatchObject([
      { slower: true, class: 'identical', a: { duration_ms: 100 }, b: { duration_ms: 201 } },
    ]);
  });

  describe('with many rows', () => {
    const NDJSON = { accept: 'application/x-ndjson' };
    const names = Array.from({ length: 12 }, (_, n) => `message ${n}`);

    beforeEach(async () => {
      await app.store([
        ...names.flatMap((name, n) => message(anId(), inA(), name, n % 3 === 0 ? 'failed' : 'done')),
        ...names.flatMap((name, n) => message(anId(), inB(), name, n % 4 === 0 ? 'failed' : 'done')),
        ...message(anId(), inB(), 'new', 'done'),
        over(b),
      ]);
    });
    const pages = async (query: string): Promise<DiffRow[]> => {
      const rows: DiffRow[] = [];
      for (let cursor = ''; ;) {
        const page = await diff(`${query}${cursor}`);
        rows.push(...page.items);
        if (page.next_cursor === null) return rows;
        cursor = `&cursor=${page.next_cursor}`;
      }
    };

    it('pages them, the worst first, and streams the same', async () => {
      const all = await pages('limit=1000');
      expect(all).toHaveLength(13);
      expect([...new Set(all.map((row) => row.class))]).toEqual([
        'newly_failing',
        'failing_same',
        'extra',
        'fixed',
        'identical',
      ]);
      for (const limit of [1, 4, 13]) expect(await pages(`limit=${limit}`)).toEqual(all);
      const { body } = await app.get<(DiffSummary | DiffRow)[]>(`/api/v1/executions/${a}/diff/${b}`, NDJSON);
      const { items, next_cursor: next, ...summary } = await diff('limit=1000');
      expect(body).toEqual([summary, ...items]);
      expect(next).toBeNull();
    });

    it('shows the classes asked for, and the totals of all', async () => {
      const wanted = (await pages('limit=1000')).filter(({ class: found }) => /fixed|newly/.test(found));
      expect(wanted.length).toBeGreaterThan(2);
      expect(await pages('limit=1&class=fixed,newly_failing')).toEqual(wanted);
      expect((await diff('class=missing')).totals).toEqual((await diff()).totals);
      const path = `/api/v1/executions/${a}/diff/${b}?class=fixed,newly_failing`;
      expect((await app.get<DiffRow[]>(path, NDJSON)).body.slice(1)).toEqual(wanted);
    });

    it.each([
      ['class=better', 'class'],
      ['limit=0', 'limit'],
      ['cursor=x.y', 'cursor'],
      ['sort=id', 'sort'],
    ])('refuses %s', async (query, field) => {
      const { status, body } = await app.get(`/api/v1/executions/${a}/diff/${b}?${query}`);
      expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    });

    it('has no pages when it is streamed, and says so', async () => {
      const { body } = await app.get(`/api/v1/executions/${a}/diff/${b}?limit=1`, NDJSON);
      expect(body).toMatchObject({ status: 400, errors: [{ field: 'limit' }] });
    });
  });

  it('names what is not there, not an id, or too large', async () => {
    await app.store(message(anId(), inA(), 'x', 'done'));
    expect((await app.get(`/api/v1/executions/${a}/diff/${b}`)).body).toMatchObject({
      status: 404,
      code: 'execution_not_found',
      detail: `There is no execution ${b}.`,
    });
    expect((await app.get(`/api/v1/executions/${a}/diff/x`)).body).toMatchObject({
      status: 400,
      errors: [{ field: 'b' }],
    });
    await app.store(Array.from({ length: 51 }, () => registered(anId(), inB())));
    expect((await app.get(`/api/v1/executions/${a}/diff/${b}`)).body).toMatchObject({
      status: 422,
      code: 'execution_too_large',
      detail: `Execution ${b} has 51 records; executions of up to 50 are compared.`,
    });
  });
});
