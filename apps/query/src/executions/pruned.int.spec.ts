import { anId, executionStarted, registered } from '@factflow/domain/testing';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import type { ExecutionPage } from './execution';

const PRUNED_AT = '2026-03-01T00:00:00.000Z';

let app: QueryApp;
beforeAll(async () => void (app = await startQueryApp()));
afterAll(() => app.close());

// Rows of an execution that is on its way out are still there; of one that is gone there is only the tombstone.
describe.each([true, false])('an execution that was pruned (rows remain: %s)', (rowsRemain) => {
  const [executionId, record] = [anId(), anId()];
  const within = `?execution_id=${executionId}`;
  beforeAll(async () => {
    if (rowsRemain) await app.store([executionStarted({ executionId }), registered(record, { executionId })]);
    await app.sql('INSERT INTO lineage_tombstone VALUES ($1, $2, $3)', [executionId, PRUNED_AT, rowsRemain]);
  });

  it.each([
    ['executions', () => `executions/${executionId}`],
    ['stats', () => `lineage/stats${within}`],
    ['a record', () => `lineage/${record}${within}`],
    ['chain', () => `lineage/${record}/chain${within}`],
    ['children', () => `lineage/${record}/children${within}`],
    ['events', () => `lineage/${record}/events${within}`],
  ])('is not found by %s, which say when it was pruned', async (_name, path) => {
    const { status, body } = await app.get(`/api/v1/${path()}`);
    expect({ status, body }).toMatchObject({
      status: 404,
      body: {
        status: 404,
        code: 'execution_pruned',
        detail: `Execution ${executionId} was pruned at ${PRUNED_AT}.`,
      },
    });
  });

  it('is not found by the id of a record alone, nor listed', async () => {
    const { body } = await app.get(`/api/v1/lineage/${record}`);
    expect(body).toMatchObject({ status: 404, code: 'record_not_found' });
    const { body: page } = await app.get<ExecutionPage>('/api/v1/executions');
    expect(page.items).toEqual([]);
  });
});

it('an execution of which nothing is known is not said to be pruned', async () => {
  for (const path of [`executions/${anId()}`, `lineage/stats?execution_id=${anId()}`]) {
    expect((await app.get(`/api/v1/${path}`)).body).toMatchObject({ code: 'execution_not_found' });
  }
  const { body } = await app.get(`/api/v1/lineage/${anId()}?execution_id=${anId()}`);
  expect(body).toMatchObject({ status: 404, code: 'record_not_found' });
});
