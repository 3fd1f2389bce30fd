import type { LineageEvent } from '@factflow/domain';
import { anId, completed, executionEnded, executionStarted, registered } from '@factflow/domain/testing';
import { createDataSource, recordHeartbeat } from '@factflow/store';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import type { Execution } from './execution';

describe('the completeness of an execution', () => {
  let app: QueryApp;
  let writing: Awaited<ReturnType<typeof createDataSource>>;
  beforeAll(async () => {
    app = await startQueryApp();
    const settings = { url: app.databaseUrl, poolSize: 1, applicationName: 'spec' };
    writing = await createDataSource(settings).initialize();
  });
  afterAll(async () => {
    await writing.destroy();
    await app.close();
  });

  const beat = (recorderId: string, highestSequence: number, more: { pid?: number; spooled?: number } = {}) =>
    recordHeartbeat(writing, recorderId, {
      service: 'documents',
      host: 'a',
      pid: 7,
      startedAt: 1,
      highestSequence,
      queued: 0,
      spooled: 0,
      lost: [],
      mainThreadAgeMs: 0,
      closed: false,
      ...more,
    });

  it.each<[string, { pid: number; spooled?: number }, number, string]>([
    ['is proven with a recorder whose whole spool was taken over before the end', { pid: 0 }, 2, 'proven'],
    ['is open while some of that is missing', { pid: 0 }, 3, 'open'],
    ['is open while some of that is on its disk', { pid: 0, spooled: 1 }, 2, 'open'],
    ['is open where nobody has said that the recorder died', { pid: 7 }, 2, 'open'],
  ])('%s', async (_name, last, highest, state) => {
    const [executionId, owner, worker, record] = [anId(), anId(), anId(), anId()];
    const at = { executionId };
    const told = (event: LineageEvent, recorderId: string, sequence: number): LineageEvent => ({
      ...event,
      source: { recorderId, sequence },
    });
    await app.store([
      told(executionStarted(at), owner, 1),
      told(registered(record, at), worker, 1),
      told(completed(record, at), worker, 2),
    ]);
    await beat(worker, highest, last);
    await app.store([told(executionEnded(at), owner, 2)]);
    await beat(owner, 2);
    const { body } = await app.get<Execution>(`/api/v1/executions/${executionId}`);
    expect(body.completeness).toMatchObject({ state });
  });
});
