import type { ExecutionDetails } from '@factflow/client';
import { EXECUTION, json, NOW, runCli } from '../testing';

const anExecution = (fields: Partial<ExecutionDetails>): ExecutionDetails => ({
  id: EXECUTION,
  name: null,
  status: 'running',
  completion: 'running',
  started_at: new Date(NOW - 10_000).toISOString(),
  completed_at: null,
  error: null,
  replay_of: null,
  from_stage: null,
  metadata: null,
  counts: { pending: 3, completed: 6, failed: 1, cancelled: 0 },
  unsettled: 4,
  placeholders: 0,
  pinned: false,
  completeness: { state: 'open', reason: 'More is to come.', pending: 4, ranges: [], advice: null },
  failing_adapters: [],
  more_failing_adapters: false,
  replays: [],
  more_replays: false,
  ...fields,
});
const RUNNING = anExecution({});
const counts = { pending: 0, completed: 10, failed: 0, cancelled: 0 };
const DONE = anExecution({ status: 'completed', completion: 'done', counts, unsettled: 0 });
const answering = (...states: readonly ExecutionDetails[]) => {
  let n = -1;
  return { answer: () => json(states[Math.min(++n, states.length - 1)]) };
};
const WAIT = `execution wait ${EXECUTION}`;

describe('execution wait', () => {
  it('ends with 0 once the execution is completed and done, not before', async () => {
    const waiting = anExecution({ status: 'completed', completion: 'awaiting_records' });
    const { code, stdout, stderr, requests } = await runCli(WAIT, answering(RUNNING, waiting, waiting, DONE));
    expect({ code, stderr, asked: requests.length }).toEqual({ code: 0, stderr: '', asked: 4 });
    expect(JSON.parse(stdout)).toEqual(DONE);
  });

  it('shows on a terminal how far it is', async () => {
    const { stderr } = await runCli(WAIT, { ...answering(RUNNING, RUNNING, DONE), columns: 80 });
    expect(stderr).toContain('running for 1 s: 6 of 10 records settled, 1 failed');
  });

  it.each<[Partial<ExecutionDetails>, RegExp]>([
    [
      {
        status: 'failed',
        completion: 'failed',
        error: { class: 'E', message: 'no\u001b[2J', traceback: null },
      },
      /failed: E: no\\x1b\[2J\n1 of its records failed: factflow lineage failures --group --execution/,
    ],
    [{ status: 'cancelled', completion: 'cancelled' }, /was cancelled\.\n/],
  ])('ends with 1 and says why when it ends otherwise: %#', async (fields, reason) => {
    const { code, stderr, stdout } = await runCli(WAIT, answering(RUNNING, anExecution(fields)));
    expect(code).toBe(1);
    expect(stderr).toMatch(reason);
    expect(JSON.parse(stdout)).toMatchObject(fields);
  });

  it('says of a done one that records of it failed', async () => {
    const { code, stderr } = await runCli(WAIT, answering({ ...DONE, counts: { ...counts, failed: 2 } }));
    expect(code).toBe(0);
    expect(stderr).toMatch(/^2 of its records failed: factflow lineage failures/);
  });

  it('ends with 1 when --timeout is over, telling what is unfinished and how to find it', async () => {
    const { code, stdout, stderr } = await runCli(`${WAIT} --timeout 5s`, answering(RUNNING));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /is running after 5 s\.\n4 records have not settled.*\n\n {2}factflow lineage list/,
    );
  });

  it('ends with 3 at once for an execution that nobody knows', async () => {
    const answer = () =>
      json({ title: 'No', status: 404, code: 'execution_not_found', detail: 'There is none.' }, 404);
    const { code, stderr, requests } = await runCli(WAIT, { answer });
    expect({ code, asked: requests.length }).toEqual({ code: 3, asked: 1 });
    expect(stderr).toContain('It may not have arrived yet');
  });
});
