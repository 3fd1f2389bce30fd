import { anId, completed, executionStarted, registered } from '@factflow/domain/testing';
import type { DataSource } from 'typeorm';
import { append } from './append';
import { rebuildExecution } from './rebuild';
import { migratedDatabase, storedRows, type MigratedDatabase } from './testing';

const PRUNED_AT = '2026-03-01T00:00:00.000Z';
const PRUNED = {
  code: 'pruned',
  message: `execution_id: this execution was pruned at ${PRUNED_AT}`,
};

let database: MigratedDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
});
afterAll(() => database.drop());

const entomb = (executionId: string): Promise<unknown> =>
  dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, $2, true)', [executionId, PRUNED_AT]);

describe('an execution that was pruned', () => {
  it('takes no more events, while those of others in the same batch are stored', async () => {
    const [gone, there, record] = [anId(), anId(), anId()];
    const early = registered(record, { executionId: gone });
    await append(dataSource, [early]);
    await entomb(gone);
    const before = await storedRows(dataSource);
    const { outcomes } = await append(dataSource, [
      completed(record, { executionId: gone }),
      executionStarted({ executionId: there }),
      early,
    ]);
    expect(outcomes).toEqual([PRUNED, 'accepted', PRUNED]);
    const after = await storedRows(dataSource);
    expect(after.records).toEqual(before.records);
    expect(after.executions.map(({ id }) => id)).toEqual([gone, there]);
  });

  it('says so of every event when one of a batch is stored already', async () => {
    const [gone, there] = [anId(), anId()];
    const repeated = executionStarted({ executionId: there });
    await append(dataSource, [repeated]);
    await entomb(gone);
    const { outcomes } = await append(dataSource, [repeated, executionStarted({ executionId: gone })]);
    expect(outcomes).toEqual(['duplicate', PRUNED]);
  });

  it('is not brought back by a rebuild', async () => {
    const executionId = anId();
    await append(dataSource, [executionStarted({ executionId })]);
    await entomb(executionId);
    await dataSource.query('DELETE FROM lineage_execution WHERE execution_id = $1', [executionId]);
    await expect(rebuildExecution(dataSource, executionId)).resolves.toBe(0);
    const { executions } = await storedRows(dataSource);
    expect(executions.map(({ id }) => id)).not.toContain(executionId);
  });
});
