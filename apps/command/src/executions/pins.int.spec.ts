import { anId, executionStarted } from '@factflow/domain/testing';
import { gzipSync } from 'node:zlib';
import { startCommandApp, type CommandApp } from '../testing/command-app';

let app: CommandApp;
const executionId = anId();
const gone = anId();
beforeAll(async () => {
  app = await startCommandApp();
  await app.postEvents([executionStarted({ executionId }), executionStarted({ executionId: gone })]);
  await app.database.dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, $2, true)', [
    gone,
    '2026-03-01T00:00:00.000Z',
  ]);
});
afterAll(() => app.close());

const JSON_TYPE = { 'content-type': 'application/json' };

async function send(method: string, id: string, init: RequestInit = {}) {
  const response = await fetch(`${app.url}/api/v1/executions/${id}/pin`, { method, ...init });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const put = (body: unknown, id = executionId) =>
  send('PUT', id, { headers: JSON_TYPE, body: JSON.stringify(body) });
const pins = (): Promise<unknown> =>
  app.database.dataSource.query('SELECT execution_id, reason FROM lineage_pin');

describe('/api/v1/executions/{id}/pin', () => {
  it('pins, with a reason or without one, and unpins, however often', async () => {
    const { status, body: pinned } = await put({ reason: 'audit \0' });
    expect({ status, pinned }).toEqual({
      status: 200,
      pinned: {
        execution_id: executionId,
        pinned: true,
        pinned_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/) as string,
        reason: 'audit \ufffd',
      },
    });
    await expect(pins()).resolves.toEqual([{ execution_id: executionId, reason: 'audit \ufffd' }]);
    const without = { status: 200, body: { ...pinned, reason: null } };
    await expect(send('PUT', executionId.toUpperCase())).resolves.toEqual(without);
    await expect(pins()).resolves.toEqual([{ execution_id: executionId, reason: null }]);
    await expect(put({ reason: null })).resolves.toEqual(without);
    for (let times = 0; times < 2; times += 1) {
      await expect(send('DELETE', executionId)).resolves.toEqual({
        status: 200,
        body: { execution_id: executionId, pinned: false, pinned_at: null, reason: null },
      });
      await expect(pins()).resolves.toEqual([]);
    }
  });

  it.each(['PUT', 'DELETE'])(
    'answers 404 to %s of an execution nobody knows, or that was pruned',
    async (method) => {
      const unknown = anId();
      await expect(send(method, unknown)).resolves.toMatchObject({
        status: 404,
        body: { code: 'execution_not_found', detail: `There is no execution ${unknown}.` },
      });
      await expect(send(method, gone)).resolves.toMatchObject({
        status: 404,
        body: {
          code: 'execution_pruned',
          detail: `Execution ${gone} was pruned at 2026-03-01T00:00:00.000Z.`,
        },
      });
    },
  );

  it.each<[string, () => Promise<{ status: number; body: object }>, number, string]>([
    ['an id that is none', () => send('PUT', 'x'), 400, 'id'],
    ['a number as reason', () => put({ reason: 1 }), 400, 'reason'],
    ['an empty reason', () => put({ reason: '' }), 400, 'reason'],
    ['a long reason', () => put({ reason: 'x'.repeat(1001) }), 400, 'reason'],
    ['an unknown field', () => put({ because: 'x' }), 400, 'because'],
    ['an array', () => put([]), 400, 'body'],
    ['null', () => put(null), 400, 'body'],
    ['broken JSON', () => send('PUT', executionId, { headers: JSON_TYPE, body: '{' }), 400, 'body'],
    ['no JSON', () => send('PUT', executionId, { body: 'because' }), 415, 'content-type'],
    [
      'gzip',
      () =>
        send('PUT', executionId, {
          headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
          body: gzipSync('{}'),
        }),
      415,
      'content-encoding',
    ],
    ['a large body', () => put({ reason: 'x'.repeat(70_000) }), 413, 'body'],
  ])('refuses %s, naming the field, and answers the next request', async (_name, act, status, field) => {
    await expect(act()).resolves.toMatchObject({
      status,
      body: { status, errors: [{ field, message: expect.any(String) as string }] },
    });
    await expect(pins()).resolves.toEqual([]);
  });
});
