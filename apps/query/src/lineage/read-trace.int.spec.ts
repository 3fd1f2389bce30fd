import { completed, registered, anId } from '@factflow/domain/testing';
import { append, type Statement } from '@factflow/store';
import { migratedDatabase, type MigratedDatabase } from '@factflow/store/testing';
import { Database, type Reader } from '../database/database';
import { createReadOnlySource } from '../database/database.module';
import { readTrace } from './read-trace';

const RECORDS = 3000;

describe('the statement of a trace', () => {
  let database: MigratedDatabase;
  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(() => database.drop());

  /** A record with children, all of one execution. */
  const storeStar = async (): Promise<{ executionId: string; top: string }> => {
    const at = { executionId: anId() };
    const top = anId();
    const others = Array.from({ length: RECORDS - 1 }, anId);
    await append(database.dataSource, [
      registered(top, at),
      ...others.flatMap((id) => [registered(id, at, { parentId: top }), completed(id, at)]),
    ]);
    return { ...at, top };
  };
  /** Rows of records that the transaction has read so far. */
  const ROWS_READ: Statement = {
    name: 'rows read',
    sql: `SELECT coalesce(sum(coalesce(idx_tup_fetch, 0) + seq_tup_read), 0) AS rows
      FROM pg_stat_xact_user_tables WHERE relname LIKE 'lineage\\_record\\_%'`,
  };
  const rowsRead = async (reader: Reader): Promise<number> => {
    const [row] = await reader.rows<{ rows: string }>(ROWS_READ, []);
    return Number(row?.rows);
  };

  it('looks records up by their own keys, whatever the planner believes of the execution', async () => {
    // All the planner knows is another execution: of this one it would expect a single record.
    await storeStar();
    await database.dataSource.query('ANALYZE');
    const { executionId, top } = await storeStar();
    const readOnly = new Database(
      createReadOnlySource({ databaseUrl: database.url, poolSize: 1, statementTimeoutMs: 60_000 }),
    );
    // Reading the execution once per record would be millions.
    const most = RECORDS * 5;
    await readOnly.snapshot(async (reader) => {
      for (const maxDepth of [1, 1_000_000]) {
        const before = await rowsRead(reader);
        const trace = await readTrace(reader, executionId, top, 'descendants', { maxIds: RECORDS, maxDepth });
        expect(trace.length).toBe(RECORDS - 1);
        const spent = (await rowsRead(reader)) - before;
        expect(spent).toBeGreaterThanOrEqual(RECORDS);
        expect(spent).toBeLessThan(most);
      }
    });
    await readOnly.onApplicationShutdown();
  });
});
