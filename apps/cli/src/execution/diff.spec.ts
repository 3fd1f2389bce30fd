import type { DiffAttempt, DiffRow, DiffSummary } from '@factflow/client';
import { EXECUTION, idOf, json, runCli, type Ran, type RunOptions } from '../testing';
import { CLASSES, WORDS } from './diff-words';

const B = idOf(77);
const ZERO: DiffSummary['totals'] = {
  newly_failing: 0,
  missing: 0,
  newly_cancelled: 0,
  failing_differently: 0,
  failing_same: 0,
  pending: 0,
  output_changed: 0,
  extra: 0,
  fixed: 0,
  identical: 0,
  slower: 0,
  extra_failing: 0,
  failing_further: 0,
};
const side = (id: string): DiffSummary['a'] => ({
  id,
  name: 'nightly\u001b[2J',
  status: 'completed',
  completion: 'done',
  replay_of: null,
  compared: 3,
  outside: 0,
});
const summary = (totals: Partial<typeof ZERO>, fields: Partial<DiffSummary> = {}): DiffSummary => ({
  a: side(EXECUTION),
  b: side(B),
  finished: true,
  worse: false,
  totals: { ...ZERO, ...totals },
  adapters: [{ route_id: 'documents', adapter_name: 'chunker', ...ZERO, ...totals }],
  more_adapters: 0,
  ...fields,
});
const attempt = (number: number, fields: Partial<DiffAttempt> = {}): DiffAttempt => ({
  id: idOf(number),
  attempts: 1,
  status: 'completed',
  completion: 'done',
  input_hash: null,
  output_hash: null,
  error: null,
  cancel_reason: null,
  duration_ms: 12,
  ...fields,
});
const broken = (number: number): DiffAttempt =>
  attempt(number, {
    status: 'failed',
    completion: 'failed',
    attempts: 3,
    error: { class: 'QuotaError', message: 'quota exceeded\u001b[2J' },
  });
const row = (fields: Partial<DiffRow>): DiffRow => ({
  class: 'identical',
  slower: false,
  route_id: 'documents',
  adapter_name: 'chunker',
  paired_by: 'replay',
  a: attempt(1),
  b: attempt(2),
  ...fields,
});
const WORSE = summary({ newly_failing: 1, missing: 1, identical: 1, slower: 1 }, { worse: true });
const ROWS = [
  row({ class: 'newly_failing', b: broken(2) }),
  row({ class: 'missing', a: attempt(3), b: null, paired_by: null }),
  row({ slower: true, a: attempt(4), b: attempt(5, { duration_ms: 1200 }) }),
];

const streamed = (...parts: readonly object[]): Response =>
  new Response(parts.map((part) => `${JSON.stringify(part)}\n`).join(''), {
    headers: { 'content-type': 'application/x-ndjson' },
  });
const diff = (parts: readonly object[], more = '', options: RunOptions = {}): Promise<Ran> =>
  runCli(`execution diff ${EXECUTION} ${B}${more}`, { answer: () => streamed(...parts), ...options });

describe('execution diff', () => {
  it('shows totals, then rows, the worst first, on a terminal of 80 columns without cutting ids', async () => {
    const { code, stdout } = await diff([WORSE, ...ROWS], ' --no-color', { columns: 80 });
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        `a  ${EXECUTION}  nightly\\x1b[2J  done`,
        `b  ${B}  nightly\\x1b[2J  done`,
        '',
        'CLASS          MESSAGES  ADAPTERS',
        'newly failing         1  documents/chunker 1',
        'missing               1  documents/chunker 1',
        'identical             1  documents/chunker 1',
        'slower                1  documents/chunker 1',
        '',
        'newly failing  documents/chunker',
        `  a  ${idOf(1)}  done, 12 ms`,
        `  b  ${idOf(2)}  failed, 3 attempts, 12 ms, QuotaErro…`,
        '',
        'missing  documents/chunker',
        `  a  ${idOf(3)}  done, 12 ms`,
        '',
        'identical  documents/chunker',
        `  a  ${idOf(4)}  done, 12 ms`,
        `  b  ${idOf(5)}  done, 1.2 s (slower)`,
        '',
        'b is worse: 1 newly failing, 1 missing; besides 1 identical, 1 of them slower.',
        '',
      ].join('\n'),
    );
  });

  it.each<[string, DiffSummary, number, RegExp]>([
    [
      'better',
      summary({ fixed: 2, identical: 3 }),
      0,
      /not worse: 2 fixed, 3 identical; nothing newly failing, nothing missing, no output changed\.\n$/,
    ],
    ['half mended', summary({ fixed: 2, failing_same: 1 }), 0, /2 fixed, 1 failing the same; nothing newly/],
    ['the same', summary({ identical: 2 }), 0, /nothing fixed, 2 identical; nothing newly failing/],
    [
      'changed',
      summary({ output_changed: 8, extra: 4, failing_further: 1, identical: 1, slower: 2 }),
      0,
      /not worse: nothing fixed, 1 failing further on, 8 output changed, 4 extra, 1 identical, 2 of them slower; nothing newly failing, nothing missing\.\n$/,
    ],
    [
      'unfinished',
      summary({ fixed: 1, pending: 1 }, { finished: false }),
      1,
      /1 fixed, 1 pending; .*not finished \(done\): nothing is/,
    ],
    [
      'worse by what is new',
      summary({ fixed: 1, extra: 1, extra_failing: 1 }, { worse: true }),
      1,
      /b is worse: 1 extra and failing; besides 1 fixed\.\n$/,
    ],
    [
      'worse by what was cancelled, and changed besides',
      summary(
        { newly_cancelled: 2, failing_differently: 1, output_changed: 3, identical: 4 },
        { worse: true },
      ),
      1,
      /newly cancelled +2[^]*b is worse: 2 newly cancelled; besides 1 failing differently, 3 output changed, 4 identical\.\n$/,
    ],
    ['nothing', summary({}), 0, /There is nothing to compare\./],
  ])('ends with what it amounts to and with its exit code: %s', async (_name, told, expected, verdict) => {
    const { code, stdout } = await diff([told], ' -o table');
    expect({ code, verdict: stdout }).toEqual({
      code: expected,
      verdict: expect.stringMatching(verdict) as string,
    });
  });

  it('names every class that has messages in its sentence', async () => {
    for (const word of Object.keys(CLASSES) as (keyof typeof CLASSES)[]) {
      const worse = ['newly_failing', 'missing', 'newly_cancelled'].includes(word);
      const { stdout } = await diff([summary({ [word]: 7 }, { worse })], ' -o table');
      expect(stdout.trim().split('\n').at(-1)).toContain(`7 ${WORDS[word][0]}`);
    }
  });

  it('says what a replay left alone', async () => {
    const { stdout } = await diff([summary({}, { a: { ...side(EXECUTION), outside: 40 } })], ' -o table');
    expect(stdout).toContain('40 not replayed');
  });

  it('is one document as JSON, and lines as JSON lines', async () => {
    const whole = await diff([WORSE, ...ROWS]);
    expect(JSON.parse(whole.stdout)).toEqual({ ...WORSE, items: ROWS, more: false });
    const lines = await diff([WORSE, ...ROWS], ' -o jsonl');
    const shown = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(shown).toEqual([WORSE, ...ROWS]);
  });

  it('asks for the classes that are wanted, reads as far as the limit, and says that there is more', async () => {
    const { stdout, stderr, requests } = await diff([WORSE, ...ROWS], ' --class missing,slower --limit 1');
    expect(requests.map(({ url }) => url)).toEqual([
      `http://127.0.0.1:4000/api/v1/executions/${EXECUTION}/diff/${B}?class=missing,slower`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ items: [ROWS[0]], more: true });
    expect(stderr).toBe('');
    const table = await diff([WORSE, ...ROWS], ' -o table --limit 2');
    expect(table.stderr).toContain('These are the first 2 messages');
  });

  it.each<[string, RunOptions, number, RegExp]>([
    [`execution diff ${EXECUTION}`, {}, 2, /missing required argument/],
    [`execution diff ${EXECUTION} x`, {}, 2, /8-4-4-4-12/],
    [`execution diff ${EXECUTION} ${B} --class better`, {}, 2, /Allowed are newly_failing/],
    [`execution diff ${EXECUTION} ${B}`, {}, 4, /cannot be reached/],
    [`execution diff ${EXECUTION} ${B}`, { answer: () => streamed() }, 1, /not the query app/],
    [
      `execution diff ${EXECUTION} ${B}`,
      { answer: () => json({ title: 'No', status: 404, code: 'execution_not_found', detail: 'None.' }, 404) },
      3,
      /None\./,
    ],
    [
      `execution diff ${EXECUTION} ${B}`,
      { answer: () => json({ title: 'No', status: 422, code: 'execution_too_large', detail: 'Big.' }, 422) },
      2,
      /Big\./,
    ],
  ])('%s: says what went wrong', async (line, options, expected, message) => {
    const { code, stdout, stderr } = await runCli(line, options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});
