import { formatTime, NO_RECORDER } from '@factflow/domain';
import { anId } from '@factflow/domain/testing';
import { allPages, startQueryApp, type QueryApp } from '../testing/query-app';
import type { Recorder } from './recorder';

const PATH = '/api/v1/recorders';

let app: QueryApp;
const [alive, stuck, gone, closed, silent] = Array.from({ length: 5 }, anId) as [
  string,
  string,
  string,
  string,
  string,
];
beforeAll(async () => {
  app = await startQueryApp();
  const rows: [string, string | null, number | null, number | null, boolean][] = [
    [alive, 'documents', 1, 4, false],
    [stuck, 'documents', 2, 6000, false],
    [gone, 'documents', 31, 6000, false],
    [closed, 'other', 100, 1, true],
    [silent, null, null, null, false],
  ];
  for (const [id, service, age, mainThread, isClosed] of rows) {
    await app.sql(
      `INSERT INTO lineage_recorder (recorder_id, service, host, pid, started_at, heartbeat_at, highest_sequence, queued, spooled,
         payloads, main_thread_age_ms, closed, received, rejected, losses, seen_at)
       VALUES ($1, $2, 'a', 7, '2026-11-22T20:34:00Z', now() - $3 * interval '1 s', 20, 2, 1, 5, $4, $5, '{[1,5),[8,11)}', '{[11,12)}',
         '[{"range": [3, 6], "after": null, "at": 0}]', now())`,
      [id, service, age, mainThread, isClosed],
    );
  }
});
afterAll(() => app.close());

const idsOf = async (query: string): Promise<string[]> =>
  (await allPages<Recorder>(app, `${PATH}?${query}`)).map(({ id }) => id);

describe('recorders', () => {
  it('show what they say of themselves, and what is missing of them', async () => {
    const { body } = await app.get<Recorder>(`${PATH}/${alive.toUpperCase()}`);
    expect(body).toEqual({
      id: alive,
      service: 'documents',
      host: 'a',
      pid: 7,
      state: 'alive',
      started_at: formatTime(Date.UTC(2026, 10, 22, 20, 34)),
      heartbeat_at: expect.any(String) as string,
      main_thread_age_ms: 4,
      highest_sequence: 20,
      received: 7,
      queued: 2,
      payloads: 5,
      spooled: 1,
      lost: 2,
      lost_ranges: [{ from: 5, to: 6 }],
      rejected: 1,
      rejected_ranges: [{ from: 11, to: 11 }],
      repeated: 0,
      repeated_ranges: [],
      // 7 and 12 to 20, but two of them are still in its hands.
      gaps: 8,
      gap_ranges: [
        { from: 7, to: 7 },
        { from: 12, to: 20 },
      ],
    });
    expect((await app.get<Recorder>(`${PATH}/${gone}`)).body).toMatchObject({ state: 'gone', gaps: 9 });
    expect((await app.get<Recorder>(`${PATH}/${silent}`)).body).toMatchObject({
      state: 'silent',
      service: null,
      heartbeat_at: null,
    });
  });

  it('are gone at once when whoever speaks for one says that its process has died', async () => {
    const list = () => idsOf('state=gone');
    await app.sql('UPDATE lineage_recorder SET gone = true WHERE recorder_id = ANY($1)', [
      [alive, closed, silent],
    ]);
    expect((await app.get<Recorder>(`${PATH}/${alive}`)).body).toMatchObject({ state: 'gone' });
    expect(await list()).toEqual([gone, alive]);
    await app.sql('UPDATE lineage_recorder SET gone = false');
    expect(await list()).toEqual([gone]);
  });

  it.each<[string, () => string[]]>([
    ['', () => [silent, closed, gone, stuck, alive]],
    ['state=alive', () => [alive]],
    ['state=stuck', () => [stuck]],
    ['state=gone,closed', () => [closed, gone]],
    ['state=silent', () => [silent]],
    ['service=documents', () => [gone, stuck, alive]],
    ['service=documents&state=alive', () => [alive]],
    ['service=nobody', () => []],
  ])('can be listed by "%s", the last one first', async (query, expected) => {
    expect(await idsOf(query)).toEqual(expected());
    expect(await idsOf(`${query}&limit=1`)).toEqual(expected());
    expect(await idsOf(`${query}&limit=2`)).toEqual(expected());
  });

  it('that nobody knows are 404, and what makes no sense 400', async () => {
    const unknown = anId();
    expect((await app.get(`${PATH}/${unknown}`)).body).toMatchObject({
      status: 404,
      code: 'recorder_not_found',
      detail: `There is no recorder ${unknown}.`,
    });
    for (const [path, field] of [
      [`${PATH}/x`, 'id'],
      [`${PATH}/${alive}?limit=1`, 'limit'],
      [`${PATH}?state=asleep`, 'state'],
      [`${PATH}?limit=1001`, 'limit'],
      [`${PATH}?cursor=x`, 'cursor'],
      [`${PATH}?mood=good`, 'mood'],
    ] as const)
      expect((await app.get(path)).body).toMatchObject({ status: 400, errors: [{ field }] });
  });
});

describe('the completeness of executions', () => {
  it('is answered alone and in lists, with the ranges that are missing', async () => {
    const [lossy, unknown] = [anId(), anId()];
    for (const [id, recorder] of [
      [lossy, alive],
      [unknown, NO_RECORDER],
    ] as const) {
      await app.sql(
        `INSERT INTO lineage_execution (execution_id, status, started_at, first_event_at, last_event_at, pending, completed, failed,
           cancelled, unsettled, placeholders) VALUES ($1, 'completed', '1970-01-01', '1970-01-01', now(), 3, 0, 0, 0, 3, 1)`,
        [id],
      );
      await app.sql(
        `INSERT INTO lineage_coverage (execution_id, recorder_id, ended_at, rejected) VALUES ($1, $2, now(), '{[11,12)}')`,
        [id, recorder],
      );
    }
    await app.sql(
      `UPDATE lineage_recorder SET losses = '[{"range": [3, 6], "after": null, "at": 9000000000000}]' WHERE recorder_id = $1`,
      [alive],
    );
    const expected = {
      [lossy]: {
        state: 'lossy',
        reason: expect.stringMatching(/given up by recorder .* \(documents on a\).* were rejected/) as string,
        pending: 4,
        ranges: [
          { recorder_id: alive, from: 5, to: 6 },
          { recorder_id: alive, from: 11, to: 11 },
        ],
        advice: 'factflow lineage import <structured log or spool>',
      },
      [unknown]: {
        state: 'unknown',
        reason: expect.any(String) as string,
        pending: 4,
        ranges: [],
        advice: null,
      },
    };
    for (const id of [lossy, unknown]) {
      const { body } = await app.get<{ completeness: object }>(`/api/v1/executions/${id}`);
      expect(body.completeness).toEqual(expected[id]);
    }
    const listed = await allPages<{ id: string; completeness: object }>(app, '/api/v1/executions?limit=1');
    expect(Object.fromEntries(listed.map(({ id, completeness }) => [id, completeness]))).toEqual(expected);
  });
});
