import { json, runCli, type RunOptions } from '../testing';

const SUMMARY = {
  executions: 12,
  records: 36,
  events: 96,
  partitions_dropped: 1,
  kept: { running: 2, pinned: 1 },
  dry_run: false,
};
const progress = (fields: object = {}) => ({
  phase: 'removing',
  partition: 'p20260117',
  executions: 5,
  records: 15,
  events: 40,
  partitions_dropped: 0,
  found: 12,
  postponed: false,
  ...fields,
});

/** A prune as the command app streams it, cut where a reader least expects it. */
const streaming = (...lines: object[]): RunOptions['answer'] => {
  const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const middle = bytes.length >> 1;
  return () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.slice(0, middle));
          controller.enqueue(bytes.slice(middle));
          controller.close();
        },
      }),
      { headers: { 'content-type': 'application/x-ndjson' } },
    );
};
const PRUNE = 'lineage prune --before 2026-01-31';

describe('factflow lineage prune', () => {
  it('asks the command app, and gives what was removed as JSON', async () => {
    const { code, stdout, stderr, requests } = await runCli(
      `${PRUNE} --command-url http://command:1 --token t`,
      { answer: streaming(progress(), SUMMARY) },
    );
    expect({ code, stdout: JSON.parse(stdout), stderr }).toEqual({ code: 0, stdout: SUMMARY, stderr: '' });
    const [request] = requests as [Request];
    expect({ method: request.method, url: request.url }).toEqual({
      method: 'POST',
      url: 'http://command:1/api/v1/prune',
    });
    expect(request.headers.get('authorization')).toBe('Bearer t');
    await expect(request.json()).resolves.toEqual({ before: '2026-01-31', dry_run: false });
  });

  it('shows on a terminal how far it is, what was removed and what has to wait', async () => {
    const { code, stdout, stderr } = await runCli(`${PRUNE} --no-color`, {
      answer: streaming(progress({ phase: 'looking' }), progress(), progress({ postponed: true }), SUMMARY),
      columns: 80,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('p20260117: 12 executions found');
    expect(stderr).toContain('p20260117: 5 of 12 executions, 40 events');
    expect(stderr).toContain('p20260117 is too much in use to be dropped now; the next prune tries again.\n');
    expect(stdout).toBe(
      [
        'removed       12 executions',
        'records       36',
        'events        96',
        'partitions    1 dropped',
        'kept running  2',
        'kept pinned   1',
        '',
      ].join('\n'),
    );
  });

  it('only counts when it is told so', async () => {
    const { stdout, requests } = await runCli(`${PRUNE} --dry-run -o table`, {
      answer: streaming({ ...SUMMARY, dry_run: true }),
    });
    expect(stdout).toMatch(/^would remove +12 executions\n/);
    await expect(requests[0]?.json()).resolves.toEqual({ before: '2026-01-31', dry_run: true });
  });

  const problem = (status: number, fields: object) => ({
    answer: () => json({ type: 'about:blank', title: 'Problem', status, ...fields }, status),
  });
  it.each<[string, string, RunOptions, number, RegExp]>([
    ['no date', 'lineage prune', {}, 2, /--before <date>/],
    [
      'a date that is none',
      PRUNE,
      problem(400, { errors: [{ field: 'before', message: 'must be a date' }] }),
      2,
      /before: must be a date/,
    ],
    [
      'a date to come',
      PRUNE,
      problem(422, { errors: [{ field: 'before', message: 'must not lie in the future' }] }),
      2,
      /in the future/,
    ],
    ['another prune', PRUNE, problem(409, { detail: 'Another prune is at work.' }), 1, /Another prune/],
    ['nobody there', PRUNE, {}, 4, /command app cannot be reached at http:\/\/127\.0\.0\.1:4001/],
    ['somebody else', PRUNE, { answer: () => new Response('<html>') }, 1, /not the command app/],
    ['half an answer', PRUNE, { answer: streaming(progress()) }, 1, /not the command app/],
  ])('ends with its exit code for %s', async (_name, line, options, expected, message) => {
    const { code, stdout, stderr } = await runCli(line, options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});
