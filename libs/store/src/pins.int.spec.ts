import { anId, executionStarted } from '@factflow/domain/testing';
import type { DataSource } from 'typeorm';
import { append } from './append';
import { pinExecution, unpinExecution } from './pins';
import { migratedDatabase, type MigratedDatabase } from './testing';

let database: MigratedDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
});
afterAll(() => database.drop());

const anExecution = async (): Promise<string> => {
  const executionId = anId();
  await append(dataSource, [executionStarted({ executionId })]);
  return executionId;
};
const pins = (executionId: string): Promise<unknown> =>
  dataSource.query('SELECT reason FROM lineage_pin WHERE execution_id = $1', [executionId]);

describe('a pin', () => {
  it('keeps the time of the first and takes the reason of the last', async () => {
    const executionId = await anExecution();
    const first = await pinExecution(dataSource, executionId, 'audit');
    expect(first).toEqual({
      execution: 'there',
      pin: { pinnedAt: expect.any(Date) as Date, reason: 'audit' },
    });
    const again = await pinExecution(dataSource, executionId, null);
    expect(again).toEqual({ ...first, pin: { ...('pin' in first && first.pin), reason: null } });
    await expect(pins(executionId)).resolves.toEqual([{ reason: null }]);
  });

  it('goes, also when it was gone before', async () => {
    const executionId = await anExecution();
    await pinExecution(dataSource, executionId, null);
    for (let times = 0; times < 2; times += 1) {
      await expect(unpinExecution(dataSource, executionId)).resolves.toEqual({
        execution: 'there',
        pin: null,
      });
      await expect(pins(executionId)).resolves.toEqual([]);
    }
  });

  it.each(['unknown', 'pruned'] as const)('is not set on an execution that is %s', async (state) => {
    const executionId = state === 'pruned' ? await anExecution() : anId();
    const prunedAt = new Date('2026-03-01T00:00:00.000Z');
    if (state === 'pruned')
      await dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, $2, true)', [executionId, prunedAt]);
    const expected = { execution: state, ...(state === 'pruned' && { prunedAt }) };
    await expect(pinExecution(dataSource, executionId, 'late')).resolves.toEqual(expected);
    await expect(unpinExecution(dataSource, executionId)).resolves.toEqual(expected);
    await expect(pins(executionId)).resolves.toEqual([]);
  });
});
