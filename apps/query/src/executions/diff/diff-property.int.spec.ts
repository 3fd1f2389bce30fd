import { newId, type LineageEvent } from '@factflow/domain';
import { cancelled, completed, eventAt, executionEnded, failed, registered } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { expectedDiff } from '../../testing/diff-oracle';
import { startQueryApp, storeFresh, type QueryApp } from '../../testing/query-app';
import { DIFF_CLASSES } from './classify';
import type { DiffRow, DiffSummary } from './diff';

const START = Date.UTC(2026, 4, 1);
const MOST = 9;
const NDJSON = { accept: 'application/x-ndjson' };

const place = fc.nat(MOST - 1);
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 3) => fc.option(arbitrary, { nil: undefined, freq });

/** A record by the numbers of others: parents may come later, and in a circle; retries and replays may be of nothing. */
const aRecord = fc.record({
  adapter: fc.constantFrom('x', 'y'),
  input: maybe(fc.constantFrom('1', '2'), 6),
  parents: fc.uniqueArray(place, { maxLength: 2 }),
  retryOf: fc.option(fc.nat(MOST), { nil: undefined, freq: 1 }),
  replayOf: fc.option(fc.tuple(fc.nat(2), fc.nat(MOST)), { nil: undefined, freq: 1 }),
  at: fc.nat(3),
  end: fc.constantFrom('done 1', 'done 1', 'done 1', 'done 2', 'failed 7', 'failed x', 'cancelled', 'none'),
});
type ARecord = typeof aRecord extends fc.Arbitrary<infer Value> ? Value : never;
const anExecution = fc.record({
  records: fc.array(aRecord, { maxLength: MOST }),
  replays: fc.boolean(),
  end: fc.constantFrom('completed', 'failed', 'none'),
});
type AnExecution = typeof anExecution extends fc.Arbitrary<infer Value> ? Value : never;

/** Two executions, and a third one that both may replay. */
interface Case {
  readonly executions: readonly string[];
  readonly events: readonly LineageEvent[];
}

function caseOf(executions: readonly AnExecution[]): Case {
  const ids = executions.map(() => newId());
  const records = executions.map(() => Array.from({ length: MOST + 1 }, () => newId()));
  const events = executions.flatMap((execution, n) => [
    ...execution.records.flatMap((record, m) => eventsOf(record, m, n, ids, records, execution.replays)),
    ...(execution.end === 'completed' ? [executionEnded({ executionId: ids[n] ?? '', at: START + 50 })] : []),
    ...(execution.end === 'failed'
      ? [
          eventAt('execution.failed', { executionId: ids[n] ?? '', at: START + 50 }, undefined, {
            error: { class: 'E', message: '' },
          }),
        ]
      : []),
  ]);
  return { executions: ids, events: events.map((event) => ({ ...event, eventId: newId() })) };
}

function eventsOf(
  { adapter, input, parents, retryOf, replayOf, at, end }: ARecord,
  m: number,
  n: number,
  executions: readonly string[],
  records: readonly (readonly string[])[],
  replays: boolean,
): LineageEvent[] {
  const own = records[n] ?? [];
  const id = own[m] ?? '';
  const when = (ms: number) => ({ executionId: executions[n] ?? '', at: START + ms });
  const [parentId, ...joinedParentIds] = parents.filter((of) => of !== m).map((of) => own[of] ?? '');
  const registration = registered(id, when(at), {
    adapterName: adapter,
    ...(input !== undefined && { inputHash: input }),
    ...(parentId !== undefined && { parentId }),
    ...(joinedParentIds.length > 0 && { joinedParentIds }),
    ...(retryOf !== undefined && retryOf !== m && { retryOf: own[retryOf] ?? '' }),
    ...(replays && replayOf && { replayOfRecord: records[replayOf[0]]?.[replayOf[1]] ?? '' }),
  });
  const [word, what = ''] = end.split(' ');
  const late = when(at + 10);
  if (word === 'done') return [registration, completed(id, late, { outputHash: what })];
  if (word === 'failed') return [registration, failed(id, late, { class: 'E', message: `no ${what}` })];
  return word === 'cancelled' ? [registration, cancelled(id, late)] : [registration];
}

describe('a diff of any two executions', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const cases = fc
    .tuple(fc.tuple(anExecution, anExecution, anExecution), fc.integer())
    .map(([executions, seed]) => ({ ...caseOf(executions), seed }));

  it('is what an independent reading of the rows says, in whatever order the events came', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ executions, events, seed }) => {
        const [a = '', b = ''] = executions;
        const path = `/api/v1/executions/${a}/diff/${b}`;
        const rows = await storeFresh(app, events, executions);
        const there = (id: string): boolean => rows.executions.some((each) => each.id === id);
        fc.pre(there(a) && there(b));
        const { body, text } = await app.get<(DiffSummary | DiffRow)[]>(path, NDJSON);
        const [summary, ...found] = body as [DiffSummary, ...DiffRow[]];
        const expected = expectedDiff(rows, a, b);
        const inOrder = (list: readonly object[]): string[] => list.map((row) => JSON.stringify(row)).sort();
        const shown = found.map((row) => ({
          class: row.class,
          paired_by: row.paired_by,
          a: row.a?.id ?? null,
          b: row.b?.id ?? null,
        }));
        expect(inOrder(shown)).toEqual(inOrder(expected));
        for (const word of DIFF_CLASSES)
          expect(summary.totals[word]).toBe(expected.filter((row) => row.class === word).length);
        const { newly_failing, missing, newly_cancelled, extra_failing } = summary.totals;
        expect(summary.worse).toBe(newly_failing + missing + newly_cancelled + extra_failing > 0);
        const shuffled = fc.sample(fc.shuffledSubarray([...events], { minLength: events.length }), {
          numRuns: 1,
          seed,
        })[0] as LineageEvent[];
        await storeFresh(app, shuffled, executions);
        expect((await app.get(path, NDJSON)).text).toBe(text);
      }),
      { numRuns: 150 },
    );
  });
});
