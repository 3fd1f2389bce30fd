import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  expectedRows,
  registered,
} from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import type { DataSource } from 'typeorm';
import { append } from './append';
import { ensurePartitions, PARTITION_MS, PARTITIONED_TABLES, partitionRanges } from './partitions';
import { pinExecution } from './pins';
import { prune, PruneRunningError, type PruneProgress, type PruneRequest, type PruneSummary } from './prune';
import { migratedDatabase, storedRows, type MigratedDatabase } from './testing';
import { anExecution, idAt, STATES, type State } from './testing/executions';

const DAY = 24 * 3600 * 1000;
const NOW = Date.UTC(2026, 10, 24);
/** In a range of its own that has passed, as have two after it. */
const PAST = Math.floor(NOW / PARTITION_MS - 3) * PARTITION_MS + 5 * DAY;
const PAST_RANGE = partitionRanges(PAST, PAST)[0]?.suffix as string;
const BEFORE = PAST + 10 * DAY;
const TABLES = Object.keys(PARTITIONED_TABLES);

let database: MigratedDatabase;
let dataSource: DataSource;
beforeEach(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
});
afterEach(() => database.drop());

const request = (fields: Partial<PruneRequest> = {}): PruneRequest => ({
  before: BEFORE,
  abandonedBefore: null,
  trigger: 'request',
  dryRun: false,
  now: NOW,
  ...fields,
});

/** Runs a prune to its end. */
async function pruned(
  fields: Partial<PruneRequest> = {},
): Promise<PruneSummary & { steps: PruneProgress[] }> {
  const steps: PruneProgress[] = [];
  const run = prune(dataSource, request(fields));
  for (;;) {
    const next = await run.next();
    if (next.done) return { ...next.value, steps };
    steps.push(next.value);
  }
}

/** Goes on with a prune until it has removed, or entombed, something. */
async function firstStep(
  run: ReturnType<typeof prune>,
): Promise<IteratorResult<PruneProgress, PruneSummary>> {
  let next = await run.next();
  while (!next.done && next.value.phase === 'looking') next = await run.next();
  return next;
}

const query = <Row>(sql: string, parameters?: unknown[]): Promise<Row[]> => dataSource.query(sql, parameters);
const executionIds = async (table: string): Promise<string[]> =>
  (await query<{ id: string }>(`SELECT DISTINCT execution_id AS id FROM ${table} ORDER BY 1`)).map(
    ({ id }) => id,
  );
const rangesLeft = async (): Promise<string[]> =>
  (
    await query<{ suffix: string }>(
      `SELECT substr(inhrelid::regclass::text, 15) AS suffix FROM pg_inherits
       WHERE inhparent = 'lineage_event'::regclass AND inhrelid <> 'lineage_event_default'::regclass ORDER BY 1`,
    )
  ).map(({ suffix }) => suffix);

/** Stores events, and says of which executions they are. */
async function stored(...executions: LineageEvent[][]): Promise<string[]> {
  await append(dataSource, executions.flat());
  return executions.map(([event]) => (event as LineageEvent).executionId);
}
const old = (state: State = 'done', id = idAt(PAST)): LineageEvent[] => anExecution(id, PAST, state);
const recent = (state: State = 'done', id = idAt(PAST)): LineageEvent[] => anExecution(id, BEFORE, state);

/** That the tables hold these events, what follows from them, and nothing else. */
async function expectLeft(...executions: LineageEvent[][]): Promise<void> {
  const events = executions.flat();
  expect(await storedRows(dataSource)).toEqual(expectedRows(events));
  const [{ count }] = (await query<{ count: string }>('SELECT count(*) FROM lineage_event')) as [
    { count: string },
  ];
  expect(Number(count)).toBe(events.length);
  const left = [...new Set(events.map(({ executionId }) => executionId))].sort();
  expect(await executionIds('lineage_event')).toEqual(left);
}
const removed = (
  executions: number,
  perExecution: { records: number; events: number },
  partitionsDropped = 0,
) => ({
  executions,
  records: executions * perExecution.records,
  events: executions * perExecution.events,
  partitionsDropped,
});
const DONE = { records: 3, events: old().length };

describe('what goes', () => {
  const goes: Record<State, boolean> = {
    done: true,
    failed: true,
    'failed with a pending record': true,
    cancelled: true,
    running: false,
    'running without unfinished records': false,
    'completed with a pending record': false,
    'completed with a placeholder': false,
  };

  it.each(STATES)('is an old execution that is over: %s', async (state) => {
    const [aged, fresh, other] = [old(state), recent(state), old()];
    await stored(aged, fresh, other);
    const { executions, kept } = await pruned();
    expect({ executions, kept }).toEqual({
      executions: goes[state] ? 2 : 1,
      kept: { running: goes[state] ? 0 : 1, pinned: 0 },
    });
    await expectLeft(fresh, ...(goes[state] ? [] : [aged]));
  });

  it.each(STATES)('is any execution abandoned for longer than retention: %s', async (state) => {
    const [aged, fresh] = [old(state), recent(state)];
    await stored(aged, fresh);
    await expect(pruned({ abandonedBefore: PAST })).resolves.toMatchObject({
      executions: goes[state] ? 1 : 0,
    });
    await expect(pruned({ abandonedBefore: BEFORE })).resolves.toMatchObject({
      executions: goes[state] ? 0 : 1,
    });
    await expectLeft(fresh);
  });

  it('is not an execution that is pinned, however old', async () => {
    const [pinned, other] = [old('running'), old()];
    const [id] = await stored(pinned, other);
    await pinExecution(dataSource, id as string, null);
    await expect(pruned({ abandonedBefore: BEFORE })).resolves.toMatchObject({
      executions: 1,
      kept: { running: 0, pinned: 1 },
    });
    await expectLeft(pinned);
  });

  it('is not an execution that is pinned after it was found', async () => {
    await ensurePartitions(dataSource, PAST, PAST);
    const [first, second] = [old('done', anId()), old()];
    const [, id] = await stored(first, second);
    const run = prune(dataSource, request());
    await expect(firstStep(run)).resolves.toMatchObject({ value: { partition: 'default', found: 2 } });
    await pinExecution(dataSource, id as string, null);
    while (!(await run.next()).done);
    await expectLeft(second);
  });
});

describe('a prune', () => {
  it('counts exactly, dry or not, in ranges and in the default partition, and leaves the rest as it was', async () => {
    await ensurePartitions(dataSource, PAST, NOW);
    const gone = [old(), old('failed'), old('done', anId()), old('done', anId())];
    const left = [
      recent(),
      old('running'),
      recent('done', anId()),
      old('running', anId()),
      recent('done', idAt(NOW)),
    ];
    await stored(...gone, ...left);
    const expected = { ...removed(4, DONE), kept: { running: 2, pinned: 0 } };
    await expect(pruned({ dryRun: true })).resolves.toMatchObject(expected);
    await expectLeft(...gone, ...left);
    await expect(query('SELECT FROM lineage_prune')).resolves.toEqual([]);
    await expect(pruned()).resolves.toMatchObject(expected);
    await expectLeft(...left);
    await expect(pruned()).resolves.toMatchObject({ ...removed(0, DONE), kept: expected.kept });
  });

  it('notes what it removed', async () => {
    await stored(old(), old());
    await pruned({ trigger: 'retention' });
    const rows = await query('SELECT * FROM lineage_prune');
    expect(rows).toEqual([
      {
        id: expect.any(String) as string,
        started_at: expect.any(Date) as Date,
        finished_at: expect.any(Date) as Date,
        before: new Date(BEFORE),
        trigger: 'retention',
        executions: '2',
        records: '6',
        events: String(2 * DONE.events),
        partitions_dropped: 0,
      },
    ]);
  });

  it('keeps late events out, and says when the execution was pruned', async () => {
    const [id] = (await stored(old())) as [string];
    await pruned();
    const { outcomes } = await append(dataSource, [
      completed(anId(), { executionId: id }),
      executionStarted({ executionId: anId() }),
    ]);
    const message = expect.stringMatching(
      /^execution_id: this execution was pruned at 20\d\d-.*Z$/,
    ) as string;
    expect(outcomes).toEqual([{ code: 'pruned', message }, 'accepted']);
    await expect(executionIds('lineage_event')).resolves.not.toContain(id);
  });

  it('is alone', async () => {
    await stored(old());
    const first = prune(dataSource, request());
    await firstStep(first);
    await expect(pruned()).rejects.toBeInstanceOf(PruneRunningError);
    await first.return(undefined as never);
    await expect(pruned()).resolves.toMatchObject({ executions: 0 });
  });

  it('takes along what recorders are seen in executions that go, and leaves what has arrived of them', async () => {
    const [gone, kept] = (await stored(old(), recent())) as [string, string];
    const recorder = anId();
    for (const id of [gone, kept])
      await query('INSERT INTO lineage_coverage (execution_id, recorder_id) VALUES ($1, $2)', [id, recorder]);
    await query(
      `INSERT INTO lineage_recorder (recorder_id, received, seen_at) VALUES ($1, '{[1,9)}', now() - interval '2 days')`,
      [recorder],
    );
    await pruned();
    await expect(executionIds('lineage_coverage')).resolves.toEqual([kept]);
    await expect(query('SELECT received::text FROM lineage_recorder')).resolves.toEqual([
      { received: '{[1,9)}' },
    ]);
  });

  it.each([
    ['deleted', false],
    ['dropped with their partition', true],
  ])('marks the recorders that were seen in executions that are %s, and no others', async (_how, whole) => {
    if (whole) await ensurePartitions(dataSource, PAST, PAST);
    const [first, second, kept] = (await stored(old(), old(), recent('done', idAt(NOW)))) as [
      string,
      string,
      string,
    ];
    const [gone, both, other] = [anId(), anId(), anId()];
    for (const id of [gone, both, other])
      await query('INSERT INTO lineage_recorder (recorder_id, seen_at) VALUES ($1, now())', [id]);
    for (const [execution, recorder] of [
      [first, gone],
      [second, gone],
      [second, both],
      [kept, both],
      [kept, other],
    ])
      await query('INSERT INTO lineage_coverage (execution_id, recorder_id) VALUES ($1, $2)', [
        execution,
        recorder,
      ]);
    await expect(pruned()).resolves.toMatchObject({ executions: 2, partitionsDropped: whole ? 1 : 0 });
    const marked = await query<{ id: string }>(
      'SELECT recorder_id AS id FROM lineage_recorder WHERE pruned ORDER BY 1',
    );
    expect(marked.map(({ id }) => id)).toEqual([gone, both].sort());
  });

  it('goes on from tombstones where an earlier one died', async () => {
    const [whole, begun, other] = [old(), old(), recent()];
    const ids = (await stored(whole, begun, other)) as [string, string, string];
    for (const id of ids.slice(0, 2))
      await query('INSERT INTO lineage_tombstone VALUES ($1, now(), true)', [id]);
    for (const table of TABLES.filter((name) => name !== 'lineage_event'))
      await query(`DELETE FROM ${table} WHERE execution_id = $1`, [ids[1]]);
    const expected = { executions: 1, records: 3, events: 2 * DONE.events };
    // Before the time of these: they have tombstones.
    const before = PAST - DAY;
    await expect(pruned({ before, dryRun: true })).resolves.toMatchObject(expected);
    await expect(pruned({ before })).resolves.toMatchObject(expected);
    await expectLeft(other);
    await expect(query('SELECT FROM lineage_tombstone WHERE rows_remain')).resolves.toEqual([]);
  });

  it('may be broken off at any step, and together they remove and note everything once', async () => {
    await ensurePartitions(dataSource, PAST, PAST);
    const big = idAt(PAST);
    const records = Array.from({ length: 21_000 }, anId);
    const events = [
      ...records.map((id) => registered(id, { executionId: big, at: PAST })),
      ...records.map((id) => completed(id, { executionId: big, at: PAST })),
      executionEnded({ executionId: big, at: PAST }),
    ];
    const [small, kept] = [old(), old('running')];
    await stored(events, small, kept);
    let runs = 0;
    for (let done = false; !done; runs += 1) {
      const run = prune(dataSource, request());
      ({ done = false } = await firstStep(run));
      await run.return(undefined as never);
      // Until the rows of an execution are deleted all of them are there, and then none.
      const [{ count }] = (await query<{ count: string }>(
        'SELECT count(*) FROM lineage_record WHERE execution_id = $1',
        [big],
      )) as [{ count: string }];
      expect([0, records.length]).toContain(Number(count));
    }
    expect(runs).toBeGreaterThan(3);
    await expectLeft(kept);
    const [totals] = await query(
      'SELECT sum(executions)::int AS executions, sum(records)::int AS records, sum(events)::int AS events FROM lineage_prune',
    );
    expect(totals).toEqual({
      executions: 2,
      records: records.length + DONE.records,
      events: events.length + DONE.events,
    });
  }, 60_000);
});

describe('a past range', () => {
  beforeEach(async () => void (await ensurePartitions(dataSource, PAST, NOW + PARTITION_MS)));

  it('is dropped when nothing in it is to stay', async () => {
    const left = recent('done', idAt(NOW));
    await stored(old(), old('failed'), left);
    const before = await rangesLeft();
    const expected = removed(2, DONE, 1);
    await expect(pruned({ dryRun: true })).resolves.toMatchObject(expected);
    await expect(pruned()).resolves.toMatchObject(expected);
    await expect(rangesLeft()).resolves.toEqual(before.filter((range) => range !== PAST_RANGE));
    await expectLeft(left);
    await expect(query('SELECT FROM lineage_tombstone WHERE rows_remain')).resolves.toEqual([]);
  });

  it('is emptied of what goes when something stays, and dropped when that has gone', async () => {
    const [survivor, ended] = [old('running'), old()];
    const [id] = (await stored(survivor, ended)) as [string];
    await expect(pruned()).resolves.toMatchObject(removed(1, DONE));
    await expectLeft(survivor);
    await append(dataSource, anExecution(id, PAST, 'done').slice(-1));
    const pending = survivor.filter(({ type }) => type === 'record.registered').at(-1)?.recordId as string;
    await append(dataSource, [completed(pending, { executionId: id, at: PAST })]);
    await expect(pruned()).resolves.toMatchObject({ executions: 1, partitionsDropped: 1 });
    await expect(rangesLeft()).resolves.not.toContain(PAST_RANGE);
  });

  it('is dropped when it is empty, but not the range of now, a coming one, or one after the time given', async () => {
    const all = await rangesLeft();
    await expect(pruned({ before: PAST - 10 * DAY })).resolves.toMatchObject({ partitionsDropped: 0 });
    await expect(pruned({ before: NOW })).resolves.toMatchObject({ partitionsDropped: 3 });
    await expect(rangesLeft()).resolves.toEqual(all.slice(3));
    expect(all).toHaveLength(5);
  });

  it('is not dropped when an execution has come into it meanwhile, which stays', async () => {
    await stored(old());
    const run = prune(dataSource, request());
    // What goes has its tombstones now.
    await expect(firstStep(run)).resolves.toMatchObject({
      value: { partition: PAST_RANGE, executions: 0, found: 1 },
    });
    const late = recent();
    await stored(late);
    let summary: PruneSummary | undefined;
    while (!summary) {
      const next = await run.next();
      if (next.done) summary = next.value;
    }
    expect(summary).toMatchObject(removed(1, DONE));
    await expectLeft(late);
    await expect(rangesLeft()).resolves.toContain(PAST_RANGE);
  });

  it('waits for a vacuum of its partitions, and nobody else waits meanwhile', async () => {
    await stored(old());
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`LOCK TABLE lineage_record_${PAST_RANGE} IN SHARE UPDATE EXCLUSIVE MODE`);
    const pruning = pruned();
    const waiting = (): Promise<unknown[]> =>
      query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    await eventually(async () => expect(await waiting()).toHaveLength(1), 'the prune to wait');
    await dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = '1ms'`);
      for (const table of TABLES) {
        await manager.query(`SELECT FROM ${table}`);
        await manager.query(`LOCK TABLE ONLY ${table} IN ROW EXCLUSIVE MODE`);
      }
    });
    const left = recent('done', idAt(NOW));
    await expect(stored(left)).resolves.toHaveLength(1);
    await runner.commitTransaction();
    await runner.release();
    await expect(pruning).resolves.toMatchObject(removed(1, DONE, 1));
    await expectLeft(left);
  }, 30_000);

  it('is left to the next prune while somebody uses the tables for long', async () => {
    const events = old();
    await stored(events);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM lineage_record');
    const { steps, ...summary } = await pruned();
    expect(summary).toMatchObject(removed(0, DONE));
    expect(steps.filter(({ postponed }) => postponed).map(({ partition }) => partition)).toEqual([
      PAST_RANGE,
    ]);
    await expectLeft(events);
    await runner.commitTransaction();
    await runner.release();
    await expect(pruned()).resolves.toMatchObject(removed(1, DONE, 1));
    await expectLeft();
  }, 30_000);
});

describe('while a prune is at work', () => {
  it('events come in and rows are read, and every execution is there whole or not at all', async () => {
    await ensurePartitions(dataSource, PAST, PAST + PARTITION_MS);
    const gone = Array.from({ length: 300 }, (_, n) => old('done', idAt(n % 2 ? PAST : PAST + PARTITION_MS)));
    const kept = Array.from({ length: 100 }, () => recent());
    await stored(...gone, ...kept.map((events) => events.slice(0, 4)));
    const queue = kept.map((events) => events.slice(4));
    const writer = async (): Promise<void> => {
      for (let events = queue.shift(); events; events = queue.shift()) {
        const { outcomes } = await append(dataSource, events);
        expect(new Set(outcomes)).toEqual(new Set(['accepted']));
      }
    };
    let ended = false;
    let reads = 0;
    const reader = async (): Promise<void> => {
      for (; !ended; reads += 1) {
        const partial = await query(
          `SELECT x.execution_id, count(r.id) FROM lineage_execution x LEFT JOIN lineage_record r USING (execution_id)
           WHERE x.name = 'done' GROUP BY x.execution_id, x.last_event_at HAVING count(r.id) <> 3`,
        );
        expect(partial).toEqual([]);
      }
    };
    const reading = reader();
    const [summary] = await Promise.all([
      pruned({ before: BEFORE, now: PAST + 3 * PARTITION_MS }).finally(() => (ended = true)),
      writer(),
      writer(),
    ]);
    await reading;
    expect(reads).toBeGreaterThan(0);
    expect(summary).toMatchObject({ executions: 300, records: 900 });
    await pruned({ now: PAST + 3 * PARTITION_MS });
    await expectLeft(...kept);
  }, 60_000);
});
