import { EXECUTION, json, runCli, type RunOptions } from '../testing';

const PINNED = {
  execution_id: EXECUTION,
  pinned: true,
  pinned_at: '2026-11-22T11:00:00.000Z',
  reason: 'audit\u001b[2J',
};
const UNPINNED = { execution_id: EXECUTION, pinned: false, pinned_at: null, reason: null };
const answering = (body: object, status = 200): RunOptions => ({ answer: () => json(body, status) });

describe('execution pin', () => {
  it('asks the command app, with the reason and the token', async () => {
    const { code, stdout, stderr, requests } = await runCli(
      ['execution', 'pin', EXECUTION, '--reason', 'an audit', '--token', 't'],
      answering(PINNED),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(PINNED);
    const [request] = requests as [Request];
    expect(request.method).toBe('PUT');
    expect(request.url).toBe(`http://127.0.0.1:4001/api/v1/executions/${EXECUTION}/pin`);
    expect(request.headers.get('authorization')).toBe('Bearer t');
    await expect(request.json()).resolves.toEqual({ reason: 'an audit' });
  });

  it('needs no reason, and shows what is recorded without obeying it', async () => {
    const { code, stdout, requests } = await runCli(
      `execution pin ${EXECUTION} --command-url http://there:1 -o table`,
      answering(PINNED),
    );
    expect(code).toBe(0);
    expect(requests.map(({ url, body }) => [new URL(url).host, body])).toEqual([['there:1', null]]);
    expect(stdout).toMatch(/pinned +yes\nsince +1 h ago\nreason +audit/);
    expect(stdout).not.toContain('\u001b');
  });

  it.each<[RunOptions, number, RegExp]>([
    [{}, 4, /The command app cannot be reached at http:\/\/127\.0\.0\.1:4001 .*\n.*--command-url/],
    [{ answer: () => new Response('<html>') }, 1, /not the command app/],
    [{ answer: () => new Response('<html>', { status: 404 }) }, 1, /not the command app/],
    [
      answering({ title: 'Bad', status: 400, errors: [{ field: 'reason', message: 'is long' }] }, 400),
      2,
      /reason: is long/,
    ],
    [
      answering({ title: 'No', status: 404, code: 'execution_not_found', detail: 'None.' }, 404),
      3,
      /None\.\nIt may not have arrived/,
    ],
    [
      answering({ title: 'No', status: 404, code: 'execution_pruned', detail: 'Pruned.' }, 404),
      3,
      /Pruned\.\n$/,
    ],
  ])('%# says what went wrong', async (options, expected, message) => {
    const { code, stdout, stderr } = await runCli(`execution pin ${EXECUTION}`, options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});

it('execution unpin takes the pin away', async () => {
  const { code, stdout, requests } = await runCli(`execution unpin ${EXECUTION}`, answering(UNPINNED));
  expect({ code, body: JSON.parse(stdout) as object }).toEqual({ code: 0, body: UNPINNED });
  expect(requests.map(({ method }) => method)).toEqual(['DELETE']);
});
