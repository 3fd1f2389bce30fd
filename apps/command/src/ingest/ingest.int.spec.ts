import { toWire, type LineageEvent } from '@factflow/domain';
import { anId, arbitraryHistory, completed, expectedRows, registered } from '@factflow/domain/testing';
import { laneOf } from '@factflow/store';
import { storedRows } from '@factflow/store/testing';
import { eventually } from '@factflow/testing';
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { ARRAY, NDJSON, startCommandApp, toNdjson, type CommandApp } from '../testing/command-app';

let app: CommandApp;
beforeAll(async () => void (app = await startCommandApp()));
afterAll(() => app.close());

const some = (count: number, executionId = anId()): LineageEvent[] =>
  Array.from({ length: count }, () => registered(anId(), { executionId }));
const countEvents = async (): Promise<number> => {
  const [{ count }] = await app.database.dataSource.query('SELECT count(*)::int AS count FROM lineage_event');
  return count as number;
};

describe('POST /api/v1/events', () => {
  it('takes one event a line, a JSON array, and either as gzip, and tells repeats', async () => {
    const events = some(3);
    const array = JSON.stringify(events.map(toWire));
    const gzip = { 'content-encoding': 'gzip' };
    expect((await app.post(toNdjson(events))).body).toEqual({ accepted: 3, duplicates: 0, rejected: [] });
    expect((await app.post(array, ARRAY)).body).toEqual({ accepted: 0, duplicates: 3, rejected: [] });
    const more = some(2);
    expect((await app.post(gzipSync(toNdjson(more)), { ...NDJSON, ...gzip })).body).toMatchObject({
      accepted: 2,
    });
    expect((await app.post(gzipSync(array), { ...ARRAY, ...gzip })).body).toMatchObject({ duplicates: 3 });
    expect(await app.post('')).toMatchObject({
      status: 200,
      body: { accepted: 0, duplicates: 0, rejected: [] },
    });
  });

  it('rejects broken events alone, each with its place, and stores the rest', async () => {
    const [first, second] = some(2).map((event) => JSON.stringify(toWire(event)));
    const lines = [first, '{"event_id":', '', '[1]', '{"event_id":"e1","type":"x"}', second];
    const { status, body } = await app.post(lines.join('\r\n'));
    expect(status).toBe(200);
    expect(body).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: [
        { index: 1, event_id: null, code: 'malformed_json', message: 'the line is not JSON' },
        { index: 3, event_id: null, code: 'invalid_event', message: 'an event must be a JSON object' },
        {
          index: 4,
          event_id: 'e1',
          code: 'unknown_type',
          message: expect.stringContaining('type: ') as string,
        },
      ],
    });
  });

  it.each<[string, () => Promise<{ status: number; body: object }>, number, string]>([
    ['a broken array', () => app.post('[{]', ARRAY), 400, 'malformed_json'],
    ['JSON that is no array', () => app.post('{}', ARRAY), 400, 'malformed_json'],
    [
      'another media type',
      () => app.post('a=b', { 'content-type': 'text/csv' }),
      415,
      'unsupported_media_type',
    ],
    [
      'another encoding',
      () => app.post('', { ...NDJSON, 'content-encoding': 'br' }),
      415,
      'unsupported_encoding',
    ],
    [
      'broken gzip',
      () => app.post('plain', { ...NDJSON, 'content-encoding': 'gzip' }),
      400,
      'malformed_gzip',
    ],
    [
      'truncated gzip',
      () =>
        app.post(gzipSync(toNdjson(some(50))).subarray(0, 300), { ...NDJSON, 'content-encoding': 'gzip' }),
      400,
      'malformed_gzip',
    ],
    ['10,001 events', () => app.post(toNdjson(some(10_001))), 413, 'too_many_events'],
    ['10,001 elements', () => app.post(`[${'1,'.repeat(10_000)}1]`, ARRAY), 413, 'too_many_events'],
    ['more than 16 MiB', () => app.post(Buffer.alloc(16 * 1024 * 1024 + 1, ' ')), 413, 'batch_too_large'],
    [
      'little that inflates to more than 16 MiB',
      () =>
        app.post(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')), { ...NDJSON, 'content-encoding': 'gzip' }),
      413,
      'batch_too_large',
    ],
  ])('answers %s with a problem document and stores nothing', async (_, send, status, code) => {
    const before = await countEvents();
    const answer = await send();
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(await countEvents()).toBe(before);
  });

  it('gives the rows of the set of events, whatever requests bring them, at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 12, maxEvents: 120, executions: [anId(), anId(), anId(), anId()] }),
        async ({ events, batches }) => {
          await app.database.dataSource.query(
            'TRUNCATE lineage_event, lineage_record, lineage_join, lineage_execution, lineage_statistics',
          );
          const answers = await Promise.all(batches.map((batch) => app.postEvents(batch)));
          expect(answers.map(({ status }) => status)).toEqual(batches.map(() => 200));
          const accepted = answers.reduce((sum, { body }) => sum + (body['accepted'] as number), 0);
          expect(accepted).toBe(events.length);
          expect(await storedRows(app.database.dataSource)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it('lets requests for a busy lane share one commit', async () => {
    const executionId = anId();
    const transactions = async (): Promise<number> => {
      const [{ count }] = await app.database.dataSource.query(
        'SELECT count(DISTINCT xmin::text)::int AS count FROM lineage_event WHERE execution_id = $1',
        [executionId],
      );
      return count as number;
    };
    const holder = app.database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT pg_advisory_xact_lock(4017202, $1)', [laneOf(executionId)]);
    const answers = Array.from({ length: 20 }, () => app.postEvents(some(1, executionId)));
    await eventually(async () => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      const pending = /^factflow_ingest_pending_bytes (\d+)$/m.exec(text)?.[1];
      expect(Number(pending)).toBeGreaterThan(20 * 100);
    }, 'all twenty requests to wait for the lane');
    await holder.commitTransaction();
    await holder.release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await transactions()).toBeLessThan(10);
  });

  it('answers 503 with Retry-After when too much waits, and takes the same request later', async () => {
    const small = await startCommandApp({ FACTFLOW_MAX_PENDING_BYTES: '1000' });
    try {
      const executionId = anId();
      const holder = small.database.dataSource.createQueryRunner();
      await holder.startTransaction();
      await holder.query('SELECT pg_advisory_xact_lock(4017202, $1)', [laneOf(executionId)]);
      const waiting = small.postEvents(some(20, executionId));
      const late = some(5);
      let refused = await small.postEvents(late);
      while (refused.status === 200) refused = await small.postEvents(late);
      expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
      expect(refused.headers.get('retry-after')).toBe('1');
      await holder.rollbackTransaction();
      await holder.release();
      expect((await waiting).body).toMatchObject({ accepted: 20 });
      expect((await small.postEvents(late)).status).toBe(200);
    } finally {
      await small.close();
    }
  });

  it('stores the events before an event that completes a record it does not know', async () => {
    const executionId = anId();
    const { body } = await app.postEvents([completed(anId(), { executionId })]);
    expect(body).toMatchObject({ accepted: 1 });
    const { executions } = await storedRows(app.database.dataSource);
    expect(executions.find(({ id }) => id === executionId)).toMatchObject({ placeholders: 1 });
  });
});
