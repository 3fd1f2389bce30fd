import { newId, parentIdsOf, type LineageEvent, type RecordState } from '@factflow/domain';
import {
  aPayload,
  anId,
  arbitraryHistory,
  completed,
  eventAt,
  failed,
  registered,
  started,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { allPages, startQueryApp, storeFresh, type QueryApp } from '../testing/query-app';
import type { LineageRecord, RecordPage } from './lineage-record';
import type { EventPage, RecordEvent } from './list-events';

const START = Date.UTC(2026, 4, 1);
const ROUTES = ['', '/chain', '/children', '/events'];

describe('one record', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const pathOf = (id: string, route = '', query = ''): string => `/api/v1/lineage/${id}${route}?${query}`;

  describe('by id', () => {
    const [first, second] = [anId(), anId()];
    const [shared, single] = [anId(), anId()];
    beforeAll(() =>
      app.store([
        registered(shared, { executionId: first }),
        registered(shared, { executionId: second }),
        registered(single, { executionId: first }),
      ]),
    );

    it.each(ROUTES)('is found without its execution and by an id of any case: %s', async (route) => {
      const answer = await app.get(pathOf(single, route));
      expect(answer.status).toBe(200);
      const shouted = pathOf(single.toUpperCase(), route, `execution_id=${first.toUpperCase()}`);
      expect((await app.get(shouted)).body).toEqual(answer.body);
    });

    it.each(ROUTES)('is 409 naming the executions when it is in several: %s', async (route) => {
      const { status, body } = await app.get(pathOf(shared, route));
      expect(status).toBe(409);
      expect(body).toMatchObject({
        code: 'ambiguous_record',
        errors: [
          { field: 'execution_id', message: first },
          { field: 'execution_id', message: second },
        ],
      });
      expect((await app.get(pathOf(shared, route, `execution_id=${second}`))).status).toBe(200);
    });

    it.each(ROUTES)('is 404 when there is none, or none in that execution: %s', async (route) => {
      expect((await app.get(pathOf(anId(), route))).body).toMatchObject({
        status: 404,
        code: 'record_not_found',
      });
      const elsewhere = await app.get<{ detail: string }>(pathOf(single, route, `execution_id=${second}`));
      expect(elsewhere.status).toBe(404);
      expect(elsewhere.body.detail).toBe(`There is no record ${single} in execution ${second}.`);
    });

    it('names a hundred executions and says that there are more', async () => {
      const id = anId();
      await app.store(Array.from({ length: 105 }, () => registered(id, { executionId: anId() })));
      const { body } = await app.get<{ detail: string; errors: object[] }>(pathOf(id));
      expect(body.errors).toHaveLength(100);
      expect(body.detail).toMatch('more than 100 executions');
    });
  });

  it('shows failures, cancellations, joins and placeholders with what they have', async () => {
    const at = { executionId: anId() };
    const [broken, stopped, join, unknown] = [anId(), anId(), anId(), anId()];
    await app.store([
      registered(broken, at, {
        retryOf: stopped,
        replayOfRecord: join,
        metadata: { __proto__x: 1, a: [null] },
      }),
      failed(broken, at, { class: 'TypeError', message: 'no\u{1f600}', traceback: 'at x' }),
      registered(stopped, at),
      eventAt('record.cancelled', at, stopped, { reason: 'shutdown' }),
      registered(join, at, { parentId: broken, joinedParentIds: [stopped, unknown] }),
    ]);
    const shown = async (id: string): Promise<LineageRecord> =>
      (await app.get<LineageRecord>(pathOf(id))).body;
    expect(await shown(broken)).toMatchObject({
      status: 'failed',
      completion: 'failed',
      error: { class: 'TypeError', message: 'no\u{1f600}', traceback: 'at x' },
      retry_of: stopped,
      replay_of_record: join,
      metadata: { __proto__x: 1, a: [null] },
      pending_children: 1,
    });
    expect(await shown(stopped)).toMatchObject({
      status: 'cancelled',
      cancel_reason: 'shutdown',
      error: null,
    });
    expect(await shown(join)).toMatchObject({ parent_id: broken, joined_parent_ids: [stopped, unknown] });
    expect(await shown(unknown)).toMatchObject({
      status: 'unknown',
      completion: 'unknown',
      registered_at: null,
      started_at: null,
      route_id: null,
      adapter_name: null,
      pending_children: 1,
    });
  });

  describe('children', () => {
    it('are the records that name it as a parent, page by page, for any history', async () => {
      const runs = fc.record({
        limit: fc.integer({ min: 1, max: 4 }),
        history: fc.constant(null).chain(() => {
          const executions = [newId()];
          return arbitraryHistory({ executions }).map(({ events }) => ({ events, executions }));
        }),
      });
      await fc.assert(
        fc.asyncProperty(runs, async ({ limit, history: { events, executions } }) => {
          const { records } = await storeFresh(app, events, executions);
          for (const { id, executionId } of records) {
            const expected = records
              .filter((record) => parentIdsOf(record).includes(id))
              .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || (a.id < b.id ? -1 : 1));
            const query = `execution_id=${executionId}&limit=${limit}`;
            const found = await allPages<LineageRecord>(app, pathOf(id, '/children', query));
            expect(found.map((child) => child.id)).toEqual(expected.map((child) => child.id));
          }
        }),
        { numRuns: 30 },
      );
    });

    it('of a placeholder are shown, of a leaf are none', async () => {
      const at = { executionId: anId() };
      const [unknown, child] = [anId(), anId()];
      await app.store([registered(child, at, { parentId: unknown })]);
      const { body } = await app.get<RecordPage>(pathOf(unknown, '/children'));
      expect(body.items.map(({ id }) => id)).toEqual([child]);
      expect((await app.get<RecordPage>(pathOf(child, '/children'))).body).toEqual({
        items: [],
        next_cursor: null,
      });
    });
  });

  describe('events', () => {
    it('are the facts as they were sent, in the order in which they decide, conflicts marked', async () => {
      const executionId = anId();
      const id = anId();
      const recorderId = anId();
      const at = (ms: number) => ({ executionId, at: START + ms });
      const registration: LineageEvent = {
        ...registered(id, at(0), { inputHash: 'sha256:a', metadata: { k: 1 } }),
        source: { recorderId, sequence: 7 },
      };
      const late = registered(id, at(1), { inputHash: 'sha256:z' });
      const start = started(id, at(2), { inputHash: 'sha256:b' });
      const restart = started(id, at(3));
      const end = completed(id, at(4), { outputHash: 'sha256:c' });
      const failure = failed(id, at(5));
      await app.store([failure, end, restart, start, late, registration]);
      const { body } = await app.get<EventPage>(pathOf(id, '/events'));
      expect(body.next_cursor).toBeNull();
      expect(body.items[0]).toEqual({
        event_id: registration.eventId,
        type: 'record.registered',
        execution_id: executionId,
        record_id: id,
        occurred_at: '2026-05-01T00:00:00.000Z',
        source: { recorder_id: recorderId, sequence: 7 },
        data: {
          route_id: 'documents',
          adapter_name: 'chunker',
          input_hash: 'sha256:a',
          metadata: { k: 1 },
        },
        conflict: false,
        conflict_reason: null,
      });
      expect(
        body.items.map((event) => [event.event_id, event.source?.sequence, event.conflict_reason]),
      ).toEqual([
        [registration.eventId, 7, null],
        [late.eventId, undefined, 'earlier_event_decided'],
        [start.eventId, undefined, 'input_hash_differs'],
        [restart.eventId, undefined, 'earlier_event_decided'],
        [end.eventId, undefined, null],
        [failure.eventId, undefined, 'earlier_event_decided'],
      ]);
    });

    it('tell of a start with other bytes than were registered', async () => {
      const executionId = anId();
      const id = anId();
      const start = started(id, { executionId, at: START + 1 }, { inputPayload: aPayload('b') });
      await app.store([registered(id, { executionId, at: START }, { inputPayload: aPayload('a') }), start]);
      const { body } = await app.get<EventPage>(pathOf(id, '/events'));
      expect(body.items.map((event) => event.conflict_reason)).toEqual([null, 'input_payload_differs']);
      expect(body.items[1]?.data).toEqual({
        input_payload: { key: aPayload('b').key, redacted: false, content_type: 'application/octet-stream' },
      });
    });

    it('have as many conflicts as the record counts, page by page, for any history', async () => {
      const runs = fc.record({
        limit: fc.integer({ min: 1, max: 7 }),
        history: fc.constant(null).chain(() => {
          const executions = [newId()];
          return arbitraryHistory({ executions, maxRecords: 3 }).map(({ events }) => ({
            events,
            executions,
          }));
        }),
      });
      await fc.assert(
        fc.asyncProperty(runs, async ({ limit, history: { events, executions } }) => {
          const { records } = await storeFresh(app, events, executions);
          for (const record of records) {
            const query = `execution_id=${record.executionId}&limit=${limit}`;
            const found = await allPages<RecordEvent>(app, pathOf(record.id, '/events', query));
            expect(found.map((event) => event.event_id)).toEqual(eventIdsOf(events, record));
            expect(found.filter(({ conflict }) => conflict)).toHaveLength(record.conflicts);
            expect(
              found.every(({ conflict, conflict_reason }) => conflict === (conflict_reason !== null)),
            ).toBe(true);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
});

const eventIdsOf = (events: readonly LineageEvent[], record: RecordState): string[] =>
  events
    .filter((event) => event.recordId === record.id)
    .sort((a, b) => a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : 1))
    .map(({ eventId }) => eventId);
