import { NO_RECORDER, type LineageEvent } from '@factflow/domain';
import { anId, executionEnded, executionStarted, registered } from '@factflow/domain/testing';
import { startCommandApp, toNdjson, type CommandApp } from '../testing/command-app';

let app: CommandApp;
beforeAll(async () => void (app = await startCommandApp()));
afterAll(() => app.close());

const HEARTBEAT = {
  service: 'documents',
  host: 'a',
  pid: 7,
  started_at: '2026-11-22T20:34:00+01:00',
  highest_sequence: 9,
  queued: 2,
  spooled: 1,
  lost: [[3, 4]],
  main_thread_age_ms: 12,
  closed: false,
};
async function put(id: string, body: unknown) {
  const response = await fetch(`${app.url}/api/v1/recorders/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}
const stored = async (id: string): Promise<Record<string, unknown> | undefined> => {
  const [row] = await app.database.dataSource.query<Record<string, unknown>[]>(
    `SELECT service, host, pid, started_at, highest_sequence::int, queued::int, spooled::int, main_thread_age_ms::int,
       payloads::int, closed, received::text, rejected::text, repeated::text, losses FROM lineage_recorder WHERE recorder_id = $1`,
    [id],
  );
  return row;
};

describe('PUT /api/v1/recorders/{id}', () => {
  it('keeps what the recorder says, and takes it again', async () => {
    const id = anId();
    for (let times = 0; times < 2; times += 1)
      await expect(put(id.toUpperCase(), HEARTBEAT)).resolves.toEqual({ status: 204, body: undefined });
    await expect(stored(id)).resolves.toMatchObject({
      service: 'documents',
      host: 'a',
      pid: 7,
      started_at: new Date('2026-11-22T19:34:00Z'),
      highest_sequence: 9,
      queued: 2,
      spooled: 1,
      main_thread_age_ms: 12,
      closed: false,
      losses: [{ range: [3, 4] }],
    });
  });

  it('takes a recorder whose main thread nobody watches, and text no database can hold', async () => {
    const id = anId();
    const unwatched = { ...HEARTBEAT, service: 'a\0b', main_thread_age_ms: null, closed: undefined };
    await expect(put(id, unwatched)).resolves.toMatchObject({ status: 204 });
    await expect(stored(id)).resolves.toMatchObject({ service: 'a\ufffdb', main_thread_age_ms: null });
  });

  it('takes how many payloads wait, and that nobody knows', async () => {
    const id = anId();
    for (const [payloads, kept] of [
      [7, 7],
      [null, null],
      [0, 0],
      [undefined, null],
    ] as const) {
      // prettier-ignore
      await expect(put(id, { ...HEARTBEAT, payloads })).resolves.toMatchObject({ status: 204 });
      await expect(stored(id)).resolves.toMatchObject({ payloads: kept });
    }
  });

  it.each<[string, string, unknown, string]>([
    ['an id that is none', 'x', HEARTBEAT, 'id'],
    ['the id of no recorder', NO_RECORDER, HEARTBEAT, 'id'],
    ['no service', anId(), { ...HEARTBEAT, service: undefined }, 'service'],
    ['a long host', anId(), { ...HEARTBEAT, host: 'x'.repeat(256) }, 'host'],
    ['an empty service', anId(), { ...HEARTBEAT, service: '' }, 'service'],
    ['a pid below 0', anId(), { ...HEARTBEAT, pid: -1 }, 'pid'],
    ['a time that is none', anId(), { ...HEARTBEAT, started_at: '2026-02-30T00:00:00Z' }, 'started_at'],
    ['a number as time', anId(), { ...HEARTBEAT, started_at: 1 }, 'started_at'],
    ['a sequence that is no number', anId(), { ...HEARTBEAT, highest_sequence: '9' }, 'highest_sequence'],
    [
      'a sequence past what JSON holds',
      anId(),
      { ...HEARTBEAT, highest_sequence: 2 ** 53 },
      'highest_sequence',
    ],
    ['half an event', anId(), { ...HEARTBEAT, queued: 0.5 }, 'queued'],
    ['no spooled', anId(), { ...HEARTBEAT, spooled: null }, 'spooled'],
    ['a range from 0', anId(), { ...HEARTBEAT, lost: [[0, 1]] }, 'lost'],
    ['more queued than recorded', anId(), { ...HEARTBEAT, queued: 10 }, 'queued'],
    ['more spooled than queued', anId(), { ...HEARTBEAT, spooled: 3 }, 'spooled'],
    ['more lost than recorded', anId(), { ...HEARTBEAT, lost: [[3, 10]] }, 'lost'],
    ['ranges that overlap', anId(), { ...HEARTBEAT, lost: [[3, 5], [5, 6]] }, 'lost'], // prettier-ignore
    ['ranges in no order', anId(), { ...HEARTBEAT, lost: [[5, 6], [3, 3]] }, 'lost'], // prettier-ignore
    ['a range backwards', anId(), { ...HEARTBEAT, lost: [[4, 3]] }, 'lost'],
    ['a range of three', anId(), { ...HEARTBEAT, lost: [[1, 2, 3]] }, 'lost'],
    [
      'many ranges',
      anId(),
      { ...HEARTBEAT, lost: Array.from({ length: 1001 }, (_, n) => [n + 1, n + 1]) },
      'lost',
    ],
    ['an age in words', anId(), { ...HEARTBEAT, main_thread_age_ms: 'old' }, 'main_thread_age_ms'],
    ['payloads in words', anId(), { ...HEARTBEAT, payloads: 'many' }, 'payloads'],
    ['payloads below 0', anId(), { ...HEARTBEAT, payloads: -1 }, 'payloads'],
    ['a closed in words', anId(), { ...HEARTBEAT, closed: 'yes' }, 'closed'],
    ['an unknown field', anId(), { ...HEARTBEAT, mood: 'good' }, 'mood'],
    ['an array', anId(), [HEARTBEAT], 'body'],
    ['broken JSON', anId(), '{', 'body'],
  ])('refuses %s, naming the field', async (_name, id, body, field) => {
    await expect(put(id, body)).resolves.toMatchObject({
      status: 400,
      body: { status: 400, errors: [{ field, message: expect.any(String) as string }] },
    });
    if (id.length === 36) await expect(stored(id)).resolves.toBeUndefined();
  });
});

describe('the command app when every connection is at work', () => {
  it('says so, not that the database cannot be reached', async () => {
    const blocker = app.database.dataSource.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('LOCK lineage_recorder IN ACCESS EXCLUSIVE MODE');
    const held = [put(anId(), HEARTBEAT), put(anId(), HEARTBEAT)];
    await expect(put(anId(), HEARTBEAT)).resolves.toMatchObject({
      status: 503,
      body: {
        code: 'overloaded',
        detail: 'All 2 connections to the database are at work; send the same request again later.',
      },
    });
    await blocker.rollbackTransaction();
    await blocker.release();
    for (const one of held) await expect(one).resolves.toMatchObject({ status: 204 });
  });
});

describe('what POST /api/v1/events keeps of a recorder', () => {
  const from = (recorderId: string, events: readonly LineageEvent[], first = 1): LineageEvent[] =>
    events.map((event, n) => ({ ...event, source: { recorderId, sequence: first + n } }));
  const coverage = (executionId: string) =>
    app.database.dataSource.query(
      `SELECT recorder_id, started_sequence::int AS started, ended_sequence::int AS ended, ended_at IS NOT NULL AS "isEnded",
         rejected::text FROM lineage_coverage WHERE execution_id = $1 ORDER BY recorder_id`,
      [executionId],
    );

  it('is there when the request is answered, and the same when it is sent again', async () => {
    const [executionId, recorderId] = [anId(), anId()];
    const at = { executionId };
    const record = anId();
    const events = from(recorderId, [executionStarted(at), registered(record, at), executionEnded(at)]);
    for (let times = 0; times < 2; times += 1) {
      await app.postEvents(events);
      expect(await stored(recorderId)).toMatchObject({ received: '{[1,4)}', rejected: '{}', service: null });
      expect(await coverage(executionId)).toEqual([
        { recorder_id: recorderId, started: 1, ended: 3, isEnded: true, rejected: '{}' },
      ]);
    }
  });

  it('tells rejected events from those that came, and events of no recorder', async () => {
    const [executionId, recorderId, record] = [anId(), anId(), anId()];
    const at = { executionId };
    const conflicting = registered(record, at);
    await app.postEvents([executionStarted(at), ...from(recorderId, [conflicting])]);
    const { status, body } = await app.post(
      toNdjson(
        from(recorderId, [{ ...conflicting, data: { routeId: 'b', adapterName: 'c' } } as LineageEvent], 2),
      ) +
        `${JSON.stringify({ type: 'record.danced', execution_id: executionId.toUpperCase(), source: { recorder_id: recorderId, sequence: 3 } })}\n` +
        `${JSON.stringify({ type: 'record.danced', execution_id: executionId, source: { recorder_id: recorderId, sequence: 0 } })}\nno JSON\n`,
    );
    expect({ status, rejected: (body.rejected as unknown[]).length }).toEqual({ status: 200, rejected: 4 });
    expect(await stored(recorderId)).toMatchObject({ received: '{[1,2)}', rejected: '{[2,4)}' });
    expect(await coverage(executionId)).toEqual([
      { recorder_id: NO_RECORDER, started: null, ended: null, isEnded: false, rejected: '{}' },
      { recorder_id: recorderId, started: null, ended: null, isEnded: false, rejected: '{[2,4)}' },
    ]);
  });

  it('tells a sequence that two events have from one whose event came twice', async () => {
    const recorderId = anId();
    const first = from(recorderId, [executionStarted({ executionId: anId() })]);
    await app.postEvents(first);
    await app.postEvents(first);
    expect(await stored(recorderId)).toMatchObject({ received: '{[1,2)}', repeated: '{}' });
    await app.postEvents(from(recorderId, [executionStarted({ executionId: anId() })]));
    expect(await stored(recorderId)).toMatchObject({ received: '{[1,2)}', repeated: '{[1,2)}' });
  });

  it('counts events of executions that were pruned as arrived', async () => {
    const [executionId, recorderId] = [anId(), anId()];
    await app.database.dataSource.query('INSERT INTO lineage_tombstone VALUES ($1, now(), false)', [
      executionId,
    ]);
    const { body } = await app.postEvents(from(recorderId, [executionStarted({ executionId })]));
    expect(body).toMatchObject({ rejected: [{ code: 'pruned' }] });
    expect(await stored(recorderId)).toMatchObject({ received: '{[1,2)}', rejected: '{}' });
    expect(await coverage(executionId)).toEqual([]);
  });

  it('is made up for by sending again what was answered with 503', async () => {
    const [executionId, recorderId] = [anId(), anId()];
    const events = from(recorderId, [executionStarted({ executionId })]);
    const { dataSource } = app.database;
    await dataSource.query('ALTER TABLE lineage_recorder RENAME TO lineage_recorder_away');
    expect(await app.postEvents(events)).toMatchObject({ status: 503 });
    await dataSource.query('ALTER TABLE lineage_recorder_away RENAME TO lineage_recorder');
    expect(await app.postEvents(events)).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 1 } });
    expect(await stored(recorderId)).toMatchObject({ received: '{[1,2)}' });
    expect(await coverage(executionId)).toHaveLength(1);
  });
});
