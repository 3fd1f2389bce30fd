import { json, runCli, type RunOptions } from '../testing';

const CHECKED = {
  executions: 2,
  pruned: 0,
  events: 20,
  records: 7,
  counters: 26,
  joins: 1,
  statistics: 3,
  inputs: 4,
  payloads: 5,
  recorders: 4,
  recorders_compared: 3,
  recorders_pruned: 1,
};
const finding = (fields: object = {}) => ({
  type: 'finding',
  kind: 'record_differs',
  difference: true,
  execution_id: '0190a0b0-0000-7000-8000-000000000001',
  record_id: '0190a0b0-0000-7000-8000-000000000002',
  parent_id: null,
  event_id: null,
  recorder_id: null,
  route_id: null,
  adapter_name: null,
  key: null,
  field: 'output_hash',
  stored: 'sha256:b\u001b[2J',
  expected: null,
  message: 'The row of the record has another output_hash than its events give.',
  advice: 'npm run rebuild -- --execution 0190a0b0-0000-7000-8000-000000000001',
  ...fields,
});
const progress = { type: 'progress', checked: CHECKED, differences: 1 };
const summary = (differences: number, fields: object = {}) => ({
  type: 'summary',
  execution_id: null,
  checked: CHECKED,
  findings: differences > 0 ? [{ kind: 'record_differs', found: differences, told: 1 }] : [],
  differences,
  unchecked: [],
  ...fields,
});
const streaming =
  (...lines: object[]): RunOptions['answer'] =>
  () =>
    new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), {
      headers: { 'content-type': 'application/x-ndjson' },
    });

describe('factflow lineage verify', () => {
  it('ends with 0 when nothing differs, and says what was checked', async () => {
    const { code, stdout, stderr, requests } = await runCli('lineage verify --no-color', {
      answer: streaming(progress, summary(0)),
      columns: 120,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('2 executions, 7 records, 20 events checked, 1 difference');
    expect(stdout).toBe(
      [
        'executions                 2',
        'events folded              20',
        'rows of records            7',
        'counters recounted         26',
        'joins                      1',
        'statistics summed up       3',
        'inputs compared            4',
        'payloads read              5',
        'recorders for gaps         4',
        'recorders against the log  3, 1 seen in pruned executions left out',
        'differences                none',
        '',
      ].join('\n'),
    );
    expect(requests[0]?.url).toBe('http://127.0.0.1:4000/api/v1/lineage/verify');
  });

  it('says of one execution that deleted events are not looked for', async () => {
    const one = summary(0, { execution_id: '0190a0b0-0000-7000-8000-000000000001' });
    const { code, stdout } = await runCli(
      'lineage verify --no-color --execution 0190a0b0-0000-7000-8000-000000000001',
      {
        answer: streaming(one),
        columns: 120,
      },
    );
    expect(code).toBe(0);
    expect(stdout).not.toContain('recorders against the log');
    expect(stdout).toMatch(/^not looked for +events deleted from the log: verify all for that$/m);
  });

  it('ends with 1 when something differs, and tells exactly what', async () => {
    const { code, stdout } = await runCli(
      'lineage verify --execution 0190A0B0-0000-7000-8000-000000000001 --limit 1 --no-color',
      { answer: streaming(finding(), progress, summary(3, { unchecked: ['Gaps.'] })), columns: 200 },
    );
    expect(code).toBe(1);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'record differs: output_hash  record 0190a0b0-0000-7000-8000-000000000002  execution 0190a0b0-0000-7000-8000-000000000001',
      expect.stringMatching(/^ {3}stored sha256:b.*2J, expected nothing$/),
      '   The row of the record has another output_hash than its events give.',
      '   → npm run rebuild -- --execution 0190a0b0-0000-7000-8000-000000000001',
    ]);
    expect(stdout).toMatch(/^record differs +3, 1 of them told$/m);
    expect(stdout).toMatch(/^differences +3$/m);
    expect(stdout).toMatch(/^not checked +Gaps\.$/m);
  });

  it('ends with 1 when something could not be checked, and leaves payloads out when it is told so', async () => {
    const { code, requests } = await runCli('lineage verify --no-payloads', {
      answer: streaming(summary(0, { unchecked: ['Payloads: the store is away.'] })),
    });
    expect(code).toBe(1);
    expect(requests[0]?.url).toMatch(/verify\?payloads=false$/);
  });

  it('is not failed by what is still to come', async () => {
    const awaited = finding({ kind: 'gap_awaited', difference: false, advice: null });
    const { code } = await runCli('lineage verify', { answer: streaming(awaited, summary(0)) });
    expect(code).toBe(0);
  });

  it('gives one document as JSON, and one a line as jsonl', async () => {
    const answer = streaming(finding(), progress, summary(1));
    const asJson = await runCli('lineage verify -o json', { answer });
    expect(JSON.parse(asJson.stdout)).toEqual({ ...summary(1), told: [finding()] });
    const asLines = await runCli('lineage verify -o jsonl', { answer });
    expect(
      asLines.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([finding(), summary(1)]);
    expect([asJson.code, asLines.code, asJson.stderr]).toEqual([1, 1, '']);
  });

  const problem = (status: number, fields: object): RunOptions => ({
    answer: () => json({ type: 'about:blank', title: 'Problem', status, ...fields }, status),
  });
  it.each<[string, RunOptions, number, RegExp]>([
    ['half an answer', { answer: streaming(progress) }, 4, /ends without a summary/],
    [
      'an execution that is not there',
      problem(404, { code: 'execution_not_found', detail: 'None.' }),
      3,
      /None\./,
    ],
    [
      'too many at work',
      problem(503, { code: 'verify_busy', detail: 'Two are at work.' }),
      1,
      /Two are at work/,
    ],
    ['nobody there', {}, 4, /query app cannot be reached/],
  ])('ends with its exit code for %s', async (_name, options, expected, message) => {
    const { code, stdout, stderr } = await runCli('lineage verify', options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});
