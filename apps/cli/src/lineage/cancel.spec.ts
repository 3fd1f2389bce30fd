import { aRecord, EXECUTION, idOf, json, NOW, runCli, type Ran, type RunOptions } from '../testing';

const pending = aRecord(1, { status: 'pending', completion: 'pending', completed_at: null, stalled: true });
const cancelled = aRecord(1, { status: 'cancelled', completion: 'cancelled', cancel_reason: 'crashed' });
const TAKEN = { accepted: 1, duplicates: 0, rejected: [] };
const COMMAND = ['lineage', 'cancel', idOf(1), '--reason', 'it crashed'];

/** The query app answers with each of the records once, the command app as told. */
const answering = (records: readonly object[], report: object = TAKEN, heartbeat = 204): RunOptions => {
  let asked = 0;
  return {
    answer: (_url, { method }) =>
      method === 'GET'
        ? json(records[asked++])
        : method === 'POST'
          ? json(report)
          : heartbeat === 204
            ? new Response(null, { status: 204 })
            : json({ title: 'Away', status: heartbeat, code: 'unavailable' }, heartbeat),
  };
};
const bodies = (ran: Ran): Promise<unknown[]> =>
  Promise.all(ran.requests.filter(({ method }) => method !== 'GET').map((request) => request.json()));

describe('lineage cancel', () => {
  it('of an id that several executions have says what to type, the reason with it', async () => {
    const executions = [EXECUTION, idOf(7)];
    const problem = {
      title: 'Conflict',
      status: 409,
      code: 'ambiguous_record',
      errors: executions.map((message) => ({ field: 'execution_id', message })),
    };
    const { code, stderr } = await runCli(['lineage', 'cancel', idOf(1), '--reason', "it didn't end"], {
      answer: () => json(problem, 409),
    });
    expect(code).toBe(2);
    for (const execution of executions)
      expect(stderr).toContain(
        `  factflow lineage cancel ${idOf(1)} --reason 'it didn'\\''t end' --execution ${execution}\n`,
      );
  });

  it('sends an event as a recorder of its own, which closes, and shows the record', async () => {
    const ran = await runCli(
      [...COMMAND, '--token', 't', '--execution', EXECUTION],
      answering([pending, cancelled]),
    );
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual(cancelled);
    const [event, heartbeat] = (await bodies(ran)) as [[{ source: { recorder_id: string } }], object];
    const recorder = event[0].source.recorder_id;
    expect(ran.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET http://127.0.0.1:4000/api/v1/lineage/${idOf(1)}?execution_id=${EXECUTION}`,
      'POST http://127.0.0.1:4001/api/v1/events',
      `PUT http://127.0.0.1:4001/api/v1/recorders/${recorder}`,
      `GET http://127.0.0.1:4000/api/v1/lineage/${idOf(1)}?execution_id=${EXECUTION}`,
    ]);
    expect(ran.requests.every(({ headers }) => headers.get('authorization') === 'Bearer t')).toBe(true);
    expect(event).toEqual([
      {
        event_id: expect.any(String) as string,
        type: 'record.cancelled',
        execution_id: EXECUTION,
        record_id: idOf(1),
        occurred_at: new Date(NOW).toISOString(),
        source: { recorder_id: recorder, sequence: 1 },
        data: { reason: 'it crashed', metadata: { cancelled_by: 'operator' } },
      },
    ]);
    expect(heartbeat).toMatchObject({
      service: 'factflow',
      host: 'here',
      pid: 7,
      highest_sequence: 1,
      closed: true,
    });
  });

  it.each<[string, object, RegExp]>([
    ['has ended', aRecord(1), /has ended already: it is completed since/],
    ['was cancelled before', cancelled, /it is cancelled since/],
    ['is not registered', aRecord(1, { status: 'unknown', registered_at: null }), /is not registered/],
  ])('refuses a record that %s, and sends nothing', async (_name, record, message) => {
    const { code, stdout, stderr, requests } = await runCli(COMMAND, answering([record]));
    expect(stderr).toMatch(message);
    expect({ code, stdout, asked: requests.length }).toEqual({ code: 1, stdout: '', asked: 1 });
  });

  it('says so when the record ended in the meantime', async () => {
    const { code, stderr } = await runCli(COMMAND, answering([pending, aRecord(1)]));
    expect(code).toBe(1);
    expect(stderr).toContain('had ended in the meantime: it is completed');
    expect(stderr).toContain(`factflow lineage events ${idOf(1)}`);
  });

  it('says why an event is not taken', async () => {
    const rejected = [{ index: 0, event_id: null, code: 'too_large', message: 'data.reason: is too long' }];
    const { code, stderr } = await runCli(COMMAND, answering([pending], { ...TAKEN, accepted: 0, rejected }));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('data.reason: is too long') as string,
    });
  });

  it('is done when the command app goes away before its recorder has closed', async () => {
    const { code, stderr } = await runCli(COMMAND, answering([pending, cancelled], TAKEN, 503));
    expect(code).toBe(0);
    expect(stderr).toContain('completeness of the execution stays open');
  });

  it.each<[readonly string[], RunOptions, number, RegExp]>([
    [['lineage', 'cancel', idOf(1)], {}, 2, /--reason/],
    [['lineage', 'cancel', 'x', '--reason', 'y'], {}, 2, /8-4-4-4-12/],
    [COMMAND, {}, 4, /query app cannot be reached/],
    [
      COMMAND,
      { answer: () => json({ title: 'No', status: 404, code: 'record_not_found', detail: 'None.' }, 404) },
      3,
      /None\./,
    ],
  ])('%# says what went wrong', async (line, options, expected, message) => {
    const { code, stdout, stderr } = await runCli(line, options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});
