import {
  NO_RECORDER,
  sequencesOf,
  type EventType,
  type SequenceRange,
  type Sequences,
} from '@factflow/domain';
import { anId, eventAt } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { append } from './append';
import { ArrivedSequences, type Arrival } from './arrived-sequences';
import { createDataSource, INGEST_SETTINGS } from './data-source';
import { fromMultirange } from './multirange';
import { forgetRecorders } from './recorders';
import { migratedDatabase, type MigratedDatabase } from './testing';
import { writeCoverage } from './write-coverage';

let database: MigratedDatabase;
let dataSource: DataSource;
let other: DataSource;
beforeAll(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
  const { url } = database;
  other = await createDataSource({
    url,
    poolSize: 8,
    applicationName: 'other',
    settings: INGEST_SETTINGS,
  }).initialize();
});
afterAll(async () => {
  await other.destroy();
  await database.drop();
});

/** An event as it arrives; `recorder` undefined: without a source. */
interface Told {
  readonly execution: string;
  readonly recorder: string | undefined;
  readonly sequence: number;
  readonly type: EventType;
  readonly arrival: Arrival;
}

const arrivedOf = (events: readonly Told[]): ArrivedSequences => {
  const arrived = new ArrivedSequences();
  for (const { execution, recorder, sequence, type, arrival } of events) {
    const source = recorder === undefined ? undefined : { recorderId: recorder, sequence };
    arrived.add({ executionId: execution, type, source }, arrival);
  }
  return arrived;
};

interface CoverageRow {
  readonly execution_id: string;
  readonly recorder_id: string;
  readonly started_sequence: string | null;
  readonly ended_sequence: string | null;
  readonly ended: boolean;
  readonly rejected: string;
}
const coverage = async (): Promise<CoverageRow[]> =>
  dataSource.query(
    `SELECT execution_id, recorder_id, started_sequence, ended_sequence, ended_at IS NOT NULL AS ended, rejected::text
     FROM lineage_coverage ORDER BY execution_id, recorder_id`,
  );
type Kind = 'received' | 'rejected' | 'repeated';
const recorders = async (): Promise<Record<string, Record<Kind, Sequences>>> => {
  const rows: Record<Kind | 'recorder_id', string>[] = await dataSource.query(
    'SELECT recorder_id, received::text, rejected::text, repeated::text FROM lineage_recorder ORDER BY recorder_id',
  );
  return Object.fromEntries(
    rows.map(({ recorder_id: id, received, rejected, repeated }) => [
      id,
      {
        received: fromMultirange(received),
        rejected: fromMultirange(rejected),
        repeated: fromMultirange(repeated),
      },
    ]),
  );
};

// As simple as can be, to compare with.
const one = ({ sequence }: Told): SequenceRange => [sequence, sequence];
const modelOf = (events: readonly Told[]) => {
  const keys = new Map(
    events.map((event) => [`${event.execution} ${event.recorder ?? NO_RECORDER}`, event] as const),
  );
  const isEnd = ({ type }: Told): boolean => type === 'execution.completed' || type === 'execution.failed';
  const rows = [...keys.keys()].sort().map((key) => {
    const own = events.filter((e) => `${e.execution} ${e.recorder ?? NO_RECORDER}` === key);
    const [execution, recorder] = key.split(' ') as [string, string];
    const came = own.filter(({ arrival }) => arrival !== 'rejected');
    const sourced = recorder !== NO_RECORDER;
    const starts = came.filter(({ type }) => type === 'execution.started').map((e) => e.sequence);
    const ends = came.filter(isEnd).map((e) => e.sequence);
    return {
      execution_id: execution,
      recorder_id: recorder,
      started_sequence: sourced && starts.length > 0 ? String(Math.min(...starts)) : null,
      ended_sequence: sourced && ends.length > 0 ? String(Math.max(...ends)) : null,
      ended: ends.length > 0,
      rejected: sourced ? sequencesOf(own.filter((e) => e.arrival === 'rejected').map(one)) : [],
    };
  });
  const names = [...new Set(events.flatMap(({ recorder }) => recorder ?? []))].sort();
  const of = (recorder: string, isRejected: boolean): Sequences =>
    sequencesOf(
      events.filter((e) => e.recorder === recorder && (e.arrival === 'rejected') === isRejected).map(one),
    );
  const repeatedBy = (recorder: string): Sequences => {
    const news = events.filter((e) => e.recorder === recorder && e.arrival === 'new');
    return sequencesOf(
      news.filter((e) => news.some((each) => each !== e && each.sequence === e.sequence)).map(one),
    );
  };
  return {
    rows,
    recorders: Object.fromEntries(
      names.map((name) => [
        name,
        { received: of(name, false), rejected: of(name, true), repeated: repeatedBy(name) },
      ]),
    ),
  };
};

const stored = async () => ({
  rows: (await coverage()).map((row) => ({ ...row, rejected: fromMultirange(row.rejected) })),
  recorders: await recorders(),
});

const aHistory = fc.array(
  fc.record({
    execution: fc.constantFrom(...Array.from({ length: 3 }, anId)),
    recorder: fc.option(fc.constantFrom(...Array.from({ length: 3 }, anId)), { nil: undefined, freq: 8 }),
    sequence: fc.integer({ min: 1, max: 12 }),
    type: fc.constantFrom<EventType>(
      'record.registered',
      'record.completed',
      'execution.started',
      'execution.completed',
      'execution.failed',
    ),
    arrival: fc.constantFrom<Arrival>('new', 'known', 'new', 'rejected'),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('what has arrived', () => {
  const empty = () => dataSource.query('TRUNCATE lineage_recorder, lineage_coverage, lineage_tombstone');
  beforeEach(empty);

  it('is the union of all that came, in any order, repeated, in any batches, from several apps at once', async () => {
    await fc.assert(
      fc.asyncProperty(aHistory, fc.integer({ min: 1, max: 7 }), async (events, size) => {
        await empty();
        const batches: Told[][] = [];
        for (let start = 0; start < events.length; start += size)
          batches.push(events.slice(start, start + size));
        // What is sent again was stored already, even where that is written down before the first time is.
        const again = [...batches]
          .reverse()
          .map((batch) =>
            batch
              .filter(({ sequence, type }) => sequence % 2 === 0 && !type.startsWith('execution'))
              .map((event): Told => (event.arrival === 'new' ? { ...event, arrival: 'known' } : event)),
          );
        await Promise.all(
          [...batches, ...again].map((batch, n) =>
            writeCoverage(n % 2 === 0 ? dataSource : other, arrivedOf(batch)),
          ),
        );
        const expected = modelOf(events);
        expect(await stored()).toEqual(expected);
        // Gathered into one, it is the same.
        await empty();
        const gathered = new ArrivedSequences();
        for (const batch of [...batches, ...again]) gathered.addAll(arrivedOf(batch));
        await writeCoverage(dataSource, gathered);
        expect(await stored()).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('is written by many at once without a deadlock, and counted once', async () => {
    const executions = Array.from({ length: 20 }, anId);
    const names = Array.from({ length: 10 }, anId);
    const writes = Array.from({ length: 40 }, (_, n) =>
      arrivedOf(
        names.flatMap((recorder, r) =>
          Array.from({ length: 25 }, (_unused, k): Told => {
            const execution = executions[(n * 7 + k + r) % executions.length] as string;
            return {
              execution,
              recorder,
              sequence: n * 25 + k + 1,
              type: 'record.registered',
              arrival: 'new',
            };
          }).sort(() => (n % 2 === 0 ? 1 : -1)),
        ),
      ),
    );
    await Promise.all(writes.map((arrived, n) => writeCoverage(n % 2 === 0 ? dataSource : other, arrived)));
    const found = await recorders();
    expect(found).toEqual(
      Object.fromEntries(names.map((name) => [name, { received: [[1, 1000]], rejected: [], repeated: [] }])),
    );
    expect(await coverage()).toHaveLength(executions.length * names.length);
  });

  it('is not written again by a repeat', async () => {
    const told: Told = {
      execution: anId(),
      recorder: anId(),
      sequence: 1,
      type: 'execution.completed',
      arrival: 'new',
    };
    await writeCoverage(dataSource, arrivedOf([told]));
    const versions = () =>
      dataSource.query(
        'SELECT c.xmin AS c, r.xmin AS r, c.xmax AS cx, c.ended_at FROM lineage_coverage c JOIN lineage_recorder r USING (recorder_id)',
      );
    const before: unknown = await versions();
    await writeCoverage(dataSource, arrivedOf([{ ...told, arrival: 'known' }]));
    await expect(versions()).resolves.toEqual(before);
  });

  it('tells sequences that two events have, of whichever executions, and none that one event brought twice', async () => {
    const recorder = anId();
    const told = (sequences: readonly number[], arrival: Arrival): ArrivedSequences =>
      arrivedOf(
        sequences.map((sequence) => ({
          execution: anId(),
          recorder,
          sequence,
          type: 'record.registered',
          arrival,
        })),
      );
    const repeated = async () => (await recorders())[recorder]?.repeated;
    // Another app tells of the repetition before the one that stored the events has told of them.
    await writeCoverage(other, told([1, 2, 3], 'known'));
    await writeCoverage(dataSource, told([1, 2, 3], 'new'));
    await writeCoverage(other, told([2, 3], 'known'));
    await writeCoverage(dataSource, told([4, 5], 'new'));
    expect(await repeated()).toEqual([]);
    await writeCoverage(other, told([3, 4, 6], 'new'));
    expect(await repeated()).toEqual([[3, 4]]);
    await writeCoverage(dataSource, told([7, 8, 9, 8], 'new'));
    expect(await repeated()).toEqual([[3, 4], [8, 8]]); // prettier-ignore
  });

  it('stays bounded under a client that leaves holes', async () => {
    const recorder = anId();
    const holes = (from: number): Told[] =>
      Array.from({ length: 8000 }, (_, n) => ({
        execution: NO_RECORDER,
        recorder,
        sequence: from + 2 * n,
        type: 'record.registered',
        arrival: 'new',
      }));
    await writeCoverage(dataSource, arrivedOf(holes(1)));
    await writeCoverage(dataSource, arrivedOf(holes(16_001)));
    expect((await recorders())[recorder]?.received).toHaveLength(10_000);
  });

  it('leaves no trace in executions that were pruned, but in what the recorder is known to have sent', async () => {
    const [execution, recorder] = [anId(), anId()];
    await dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, now(), false)', [execution]);
    await writeCoverage(
      dataSource,
      arrivedOf([{ execution, recorder, sequence: 1, type: 'execution.started', arrival: 'known' }]),
    );
    expect(await stored()).toEqual({
      rows: [],
      recorders: { [recorder]: { received: [[1, 1]], rejected: [], repeated: [] } },
    });
  });
});

it('marks recorders whose execution was pruned before it was written down what had been accepted', async () => {
  const [execution, pruned, recorder, other] = [anId(), anId(), anId(), anId()];
  await dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, now(), false)', [pruned]);
  const type = 'record.registered';
  await writeCoverage(
    dataSource,
    arrivedOf([
      { execution: pruned, recorder, sequence: 1, type, arrival: 'new' },
      { execution, recorder, sequence: 2, type, arrival: 'new' },
      { execution, recorder: other, sequence: 1, type, arrival: 'new' },
    ]),
  );
  await writeCoverage(dataSource, arrivedOf([{ execution, recorder, sequence: 3, type, arrival: 'new' }]));
  const rows: { recorder_id: string; pruned: boolean }[] = await dataSource.query(
    'SELECT recorder_id, pruned FROM lineage_recorder WHERE recorder_id = ANY($1)',
    [[recorder, other]],
  );
  expect(Object.fromEntries(rows.map((row) => [row.recorder_id, row.pruned]))).toEqual({
    [recorder]: true,
    [other]: false,
  });
});

describe('recorders', () => {
  it('are forgotten when no execution of theirs is left and they have been quiet for a day', async () => {
    await dataSource.query('TRUNCATE lineage_recorder, lineage_coverage');
    const [old, seen, recent] = Array.from({ length: 3 }, anId) as [string, string, string];
    await dataSource.query(
      `INSERT INTO lineage_recorder (recorder_id, seen_at) VALUES ($1, now() - interval '25 h'), ($2, now() - interval '25 h'),
       ($3, now())`,
      [old, seen, recent],
    );
    await dataSource.query('INSERT INTO lineage_coverage (execution_id, recorder_id) VALUES ($1, $2)', [
      anId(),
      seen,
    ]);
    const runner = dataSource.createQueryRunner();
    await forgetRecorders(runner);
    await runner.release();
    expect(Object.keys(await recorders())).toEqual([seen, recent].sort());
  });
});

describe('the migration', () => {
  it('makes what is known of the events that are stored already', async () => {
    await dataSource.query('TRUNCATE lineage_recorder, lineage_coverage');
    const [executionId, recorderId] = [anId(), anId()];
    const at = { executionId };
    const types = ['execution.started', 'record.registered', 'execution.completed'] as const;
    await append(dataSource, [
      ...types.map((type, n) => ({
        ...eventAt(type, at, type.startsWith('record') ? anId() : undefined, {
          ...(type.startsWith('record') && { routeId: 'r', adapterName: 'a' }),
        } as never),
        source: { recorderId, sequence: n + 4 },
      })),
    ]);
    const { Completeness1767484800000 } = await import('./migrations/1767484800000-completeness');
    const { BrokenRecorders1768089600000 } = await import('./migrations/1768089600000-broken-recorders');
    const { WhatRecordersKeep1768176000000 } = await import('./migrations/1768176000000-what-recorders-keep');
    const runner = dataSource.createQueryRunner();
    await runner.query('DROP TABLE lineage_recorder, lineage_coverage');
    await new Completeness1767484800000().up(runner);
    await new BrokenRecorders1768089600000().up(runner);
    await new WhatRecordersKeep1768176000000().up(runner);
    await runner.release();
    expect(await stored()).toEqual({
      rows: [
        {
          execution_id: executionId,
          recorder_id: recorderId,
          started_sequence: '4',
          ended_sequence: '6',
          ended: true,
          rejected: [],
        },
      ],
      recorders: { [recorderId]: { received: [[4, 6]], rejected: [], repeated: [] } },
    });
  });
});
