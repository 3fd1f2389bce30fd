import { executionStarted } from '@factflow/domain/testing';
import { append } from './append';
import { ensurePartitions, firstIdAt, PARTITION_MS, PARTITIONED_TABLES, partitionRanges } from './partitions';
import { migratedDatabase, type MigratedDatabase } from './testing/migrated-database';

const NOW = Date.UTC(2026, 10, 24);

let database: MigratedDatabase;
beforeEach(async () => void (database = await migratedDatabase()));
afterEach(() => database.drop());

const ensure = (fromMs = NOW, toMs = NOW) => ensurePartitions(database.dataSource, fromMs, toMs);
const tableOf = async (table: string): Promise<string[]> => {
  const rows: { name: string }[] = await database.dataSource.query(
    `SELECT DISTINCT tableoid::regclass::text AS name FROM ${table}`,
  );
  return rows.map(({ name }) => name);
};

describe('ensurePartitions', () => {
  it('makes a partition of every table for each 30 days, once', async () => {
    const ranges = partitionRanges(NOW, NOW + 2 * PARTITION_MS).map(({ suffix }) => suffix);
    expect(ranges).toHaveLength(3);
    await expect(ensure(NOW, NOW + 2 * PARTITION_MS)).resolves.toEqual({ made: ranges, skipped: [] });
    await expect(ensure(NOW, NOW + 2 * PARTITION_MS)).resolves.toEqual({ made: [], skipped: [] });
    const [{ count }] = await database.dataSource.query<[{ count: string }]>(
      'SELECT count(*) FROM pg_inherits WHERE inhparent = ANY($1::regclass[])',
      [Object.keys(PARTITIONED_TABLES)],
    );
    expect(Number(count)).toBe(Object.keys(PARTITIONED_TABLES).length * (3 + 1));
  });

  it('lets several processes call at once', async () => {
    const outcomes = await Promise.all([ensure(), ensure(), ensure(), ensure()]);
    expect(outcomes.flatMap(({ made }) => made)).toEqual(partitionRanges(NOW, NOW).map((r) => r.suffix));
  });

  it('skips a range that has rows in the default partition, and leaves them there', async () => {
    const executionId = firstIdAt(NOW);
    await append(database.dataSource, [executionStarted({ executionId, at: NOW })]);
    const [range] = partitionRanges(NOW, NOW);
    await expect(ensure()).resolves.toEqual({ made: [], skipped: [range?.suffix] });
    await expect(tableOf('lineage_event')).resolves.toEqual(['lineage_event_default']);
  });

  it('gives up while a transaction uses the default partition, and makes it afterwards', async () => {
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM lineage_record');
    await expect(ensure()).rejects.toMatchObject({ code: '55P03' });
    await runner.commitTransaction();
    await runner.release();
    await expect(ensure()).resolves.toMatchObject({ made: [expect.any(String)] });
  });
});
