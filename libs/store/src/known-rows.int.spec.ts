import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  arbitraryHistory,
  completed,
  expectedRows,
  failed,
  registered,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { append } from './append';
import { createDataSource, INGEST_SETTINGS } from './data-source';
import { KnownRows } from './known-rows';
import { rebuildExecution } from './rebuild';
import { migratedDatabase, removeRows, storedRows, type MigratedDatabase } from './testing';

let database: MigratedDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
});
afterAll(() => database.drop());

beforeEach(() => removeRows(dataSource));

/** What a turn does beside appending a batch: which writer it is of, and what happened before. */
interface Turn {
  readonly writer: number;
  readonly before: 'nothing' | 'rebuild' | 'restart';
}
const turn = fc.record<Turn>({
  writer: fc.nat({ max: 1 }),
  before: fc.oneof(
    { weight: 8, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constant('rebuild' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  ),
});

/** A data source of one connection, which tells what it has prepared, that is, run. */
async function oneConnection(): Promise<DataSource> {
  const source = createDataSource({
    url: database.url,
    poolSize: 1,
    applicationName: 'spec',
    settings: INGEST_SETTINGS,
  });
  return source.initialize();
}

const READS = ['read_ancestors', 'read_records_with_parents', 'read_statistics'];
const readsOf = async (source: DataSource): Promise<string[]> =>
  (
    await source.query<{ name: string }[]>(
      'SELECT name FROM pg_prepared_statements WHERE name = ANY($1) ORDER BY name',
      [READS],
    )
  ).map(({ name }) => name);

describe('rows that are known', () => {
  it('give the rows of the set of events, whoever writes in between', async () => {
    const executions = [anId(), anId()];
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 10, maxEvents: 80, executions }),
        fc.array(turn, { minLength: 1, maxLength: 40 }),
        async ({ events, batches }, turns) => {
          await removeRows(dataSource);
          const writers = [new KnownRows(), new KnownRows()];
          for (const [n, batch] of batches.entries()) {
            const { writer, before } = turns[n % turns.length] as Turn;
            if (before === 'restart') writers[writer] = new KnownRows();
            if (before === 'rebuild') await rebuildExecution(dataSource, executions[n % 2] as string);
            await append(dataSource, batch, writers[writer]);
          }
          expect(await storedRows(dataSource)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 100 },
    );
  }, 180_000);

  it('give them with two writers of several connections at work at once', async () => {
    const executions = [anId(), anId(), anId()];
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 12, maxEvents: 150, executions }),
        async ({ events, batches }) => {
          await removeRows(dataSource);
          const queue = [...batches];
          const connection = async (known: KnownRows): Promise<void> => {
            for (let batch = queue.shift(); batch; batch = queue.shift())
              await append(dataSource, batch, known);
          };
          const writers = [new KnownRows(), new KnownRows()];
          await Promise.all([...writers, ...writers, ...writers].map(connection));
          expect(await storedRows(dataSource)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 40 },
    );
  }, 180_000);

  it('are not read, nor those that are known to be missing', async () => {
    const source = await oneConnection();
    try {
      const at = { executionId: anId() };
      const [parent, child, late] = [anId(), anId(), anId()];
      const batches: LineageEvent[][] = [
        [registered(parent, at), registered(child, at, { parentId: parent })],
        [completed(parent, at)],
        [failed(child, at)],
        [registered(late, at, { parentId: child })],
        [completed(late, at)],
      ];
      const known = new KnownRows();
      for (const batch of batches) await append(source, batch, known);
      expect(await readsOf(source)).toEqual([]);
      expect(await storedRows(dataSource)).toEqual(expectedRows(batches.flat()));
      await append(source, [registered(anId(), at, { parentId: late })], new KnownRows());
      expect(await readsOf(source)).toEqual(READS);
    } finally {
      await source.destroy();
    }
  });

  it('are not believed after a transaction that failed', async () => {
    const at = { executionId: anId() };
    const [parent, child, refused] = [anId(), anId(), anId()];
    const known = new KnownRows();
    const first = [registered(parent, at), registered(child, at, { parentId: parent })];
    const second = [completed(parent, at), completed(child, at)];
    await append(dataSource, first, known);
    await dataSource.query(
      `ALTER TABLE lineage_event ADD CONSTRAINT refused CHECK (record_id IS DISTINCT FROM '${refused}') NOT VALID`,
    );
    try {
      await append(dataSource, [...second, registered(refused, at, { parentId: child })], known);
    } finally {
      await dataSource.query('ALTER TABLE lineage_event DROP CONSTRAINT refused');
    }
    const third = [registered(anId(), at, { parentId: child })];
    await append(dataSource, third, known);
    expect(await storedRows(dataSource)).toEqual(expectedRows([...first, ...second, ...third]));
  });

  it('that are too large to be kept are read', async () => {
    const at = { executionId: anId() };
    const known = new KnownRows();
    const [large, child] = [anId(), anId()];
    const batches = [
      [registered(large, at, { metadata: { text: 'x'.repeat(5000) } })],
      [registered(child, at, { parentId: large }), completed(large, at, { metadata: { more: 1 } })],
      [completed(child, at)],
    ];
    for (const batch of batches) await append(dataSource, batch, known);
    expect(await storedRows(dataSource)).toEqual(expectedRows(batches.flat()));
  });
});
