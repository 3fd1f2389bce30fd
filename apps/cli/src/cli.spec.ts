import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRecord, EXECUTION, failedRecord, idOf, json, runCli, type RunOptions } from './testing';

const problem = (status: number, fields: object = {}) => ({
  answer: () => json({ type: 'about:blank', title: 'Problem', status, ...fields }, status),
});
const GET = `lineage get ${idOf(1)}`;
const LIST = 'lineage list';
const empty = { answer: () => json({ items: [], next_cursor: null }) };

describe('mistakes on the command line', () => {
  it.each([
    ['', /factflow needs a command/],
    ['lineage', /factflow lineage needs a command/],
    ['lineage lst', /unknown command 'lst'\n\(Did you mean list\?\)/],
    ['lineage list --statuss failed', /unknown option '--statuss'\n\(Did you mean --status\?\)/],
    ['lineage list --status lost', /Allowed are pending, completed, failed, cancelled/],
    ['lineage list --limit 0', /whole number from 1/],
    ['lineage list -o yaml', /Allowed choices are table, json, jsonl/],
    ['lineage list --timeout soon', /length of time/],
    ['lineage list --url ftp://x', /--url must be an http or https address/],
    ['lineage list --follow -o json', /--follow has no end/],
    ['lineage get', /missing required argument 'id'/],
    ['lineage get failures', /8-4-4-4-12/],
    ['lineage stats', /--execution/],
    ['lineage rewind', /unknown command 'rewind'/],
  ])('"%s" exit with 2, saying what is wrong on stderr alone', async (line, message) => {
    const { code, stdout, stderr, requests } = await runCli(line.split(' ').filter(Boolean));
    expect(stderr).toMatch(message);
    expect({ code, stdout, requests }).toEqual({ code: 2, stdout: '', requests: [] });
  });
});

describe('exit codes', () => {
  it.each<[string, RunOptions, number, RegExp]>([
    [GET, {}, 4, /cannot be reached at http:\/\/127\.0\.0\.1:4000 \(ECONNREFUSED\)/],
    [
      GET,
      problem(404, { code: 'record_not_found', detail: 'There is no record.' }),
      3,
      /There is no record\./,
    ],
    [GET, problem(400, { errors: [{ field: 'depth', message: 'must be 1' }] }), 2, /depth: must be 1/],
    [GET, problem(401), 1, /FACTFLOW_TOKEN/],
    [GET, problem(500), 1, /Problem/],
    [GET, problem(503, { code: 'unavailable' }), 4, /Problem/],
    [GET, problem(503, { code: 'statement_timeout' }), 1, /Problem/],
    [GET, { answer: () => new Response('<html>', { status: 404 }) }, 1, /not the query app/],
    [GET, { answer: () => new Response('<html>') }, 1, /not the query app/],
  ])('of %s %#', async (line, options, expected, message) => {
    const { code, stdout, stderr } = await runCli(line, options);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('is 4 when no answer comes in time', async () => {
    const never = (_url: URL, request: Request) =>
      new Promise<Response>((_resolve, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
      });
    const { code, stderr } = await runCli(`${GET} --timeout 5ms`, { answer: never });
    expect(code).toBe(4);
    expect(stderr).toContain('did not answer within 0.005 s');
  });

  it('is 2 for an id in several executions, with the commands to choose from', async () => {
    const errors = [EXECUTION, idOf(7)].map((message) => ({ field: 'execution_id', message }));
    const { code, stderr } = await runCli(
      GET,
      problem(409, { code: 'ambiguous_record', detail: 'Two.', errors }),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(
      `  factflow ${GET} --execution ${EXECUTION}\n  factflow ${GET} --execution ${idOf(7)}\n`,
    );
  });
});

describe('lists', () => {
  const items = Array.from({ length: 2500 }, (_, index) => aRecord(index));
  const paged = (url: URL) => {
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const end = start + Number(url.searchParams.get('limit'));
    return json({ items: items.slice(start, end), next_cursor: end < items.length ? String(end) : null });
  };

  it('follow pages up to the limit', async () => {
    const { stdout, requests } = await runCli(`${LIST} --limit 2200`, { answer: paged });
    expect(JSON.parse(stdout)).toEqual({ items: items.slice(0, 2200), next_cursor: '2200' });
    expect(requests.map(({ url }) => new URL(url).searchParams.get('limit'))).toEqual([
      '1000',
      '1000',
      '200',
    ]);
  });

  it('say on stderr that more exists', async () => {
    const { stdout, stderr } = await runCli(`${LIST} -o jsonl`, { answer: paged });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(items.slice(0, 50));
    expect(stderr).toContain('first 50 records; there are more');
  });

  it('send every filter', async () => {
    const line = `${LIST} --execution ${EXECUTION} --status failed,pending --completion done --adapter a --route r --batch ${idOf(1)} --parent ${idOf(2)} --input-hash i --output-hash o --after 2026-01-01T00:00:00Z --before 2026-02-01T00:00:00Z --stalled --sort started_at --token t`;
    const { requests } = await runCli(line, empty);
    const [request] = requests;
    expect(request?.headers.get('authorization')).toBe('Bearer t');
    expect(Object.fromEntries(new URL(request?.url ?? '').searchParams)).toEqual({
      execution_id: EXECUTION,
      status: 'failed,pending',
      completion: 'done',
      adapter_name: 'a',
      route_id: 'r',
      batch_id: idOf(1),
      parent_id: idOf(2),
      input_hash: 'i',
      output_hash: 'o',
      started_after: '2026-01-01T00:00:00Z',
      started_before: '2026-02-01T00:00:00Z',
      stalled: 'true',
      sort: 'started_at',
      limit: '50',
    });
  });

  it.each([60, 80, 120, 200])(
    'fit into a terminal of %i columns, in colour unless told otherwise',
    async (columns) => {
      const answer = () =>
        json({
          items: [failedRecord(1, { adapter_name: '資料庫👩‍👩‍👧'.repeat(20) }), aRecord(2)],
          next_cursor: null,
        });
      const { default: width } = await import('string-width');
      const { stdout } = await runCli(`${LIST} --execution ${EXECUTION}`, { answer, columns });
      for (const line of stdout.split('\n')) expect(width(line)).toBeLessThanOrEqual(Math.max(columns, 64));
      expect(stdout).toContain(idOf(1));
      expect(stdout).toContain('\u001b[31mfailed');
      const plain = [
        await runCli(`${LIST} --no-color`, { answer, columns }),
        await runCli(LIST, { answer, columns, environment: { NO_COLOR: '1' } }),
      ];
      for (const ran of plain) expect(ran.stdout).not.toContain('\u001b');
    },
  );

  it('of failures tell the error even where the terminal is narrow', async () => {
    const answer = () => json({ items: [failedRecord(1)], next_cursor: null });
    const { stdout } = await runCli(`lineage failures --execution ${EXECUTION} --no-color`, {
      answer,
      columns: 80,
    });
    expect(stdout).toContain('ProviderError: ');
  });

  it('of failures tell whether a retry or a replay completed, where there was one', async () => {
    const attempt = (number: number, completion: 'done' | 'failed') =>
      ({
        id: idOf(number),
        execution_id: EXECUTION,
        status: completion === 'done' ? 'completed' : 'failed',
        completion,
      }) as const;
    const failures = async (...items: readonly object[]): Promise<string> => {
      const answer = () => json({ items, next_cursor: null });
      return (await runCli('lineage failures --no-color', { answer, columns: 200 })).stdout;
    };
    const tried = failedRecord(1, { retry: attempt(3, 'failed'), replay: attempt(4, 'done') });
    const shown = await failures(tried, failedRecord(2, { retry: attempt(5, 'done') }), failedRecord(6));
    expect(shown).toMatch(/ SINCE .*\n.* retry failed, replay done .*\n.* retry done .*\n(?!.*retry)/);
    expect(await failures(failedRecord(6))).not.toContain('SINCE');
  });

  it('are followed until Ctrl-C, each record once, oldest first', async () => {
    const ctrlC = new AbortController();
    let asked = 0;
    const answer = () => {
      asked += 1;
      if (asked === 3) ctrlC.abort();
      return json({
        items: [3, 2, 1].slice(asked === 1 ? 1 : 0).map((number) => aRecord(number)),
        next_cursor: null,
      });
    };
    const { code, stdout } = await runCli(`${LIST} --follow`, { answer, interruption: ctrlC.signal });
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual([1, 2, 3].map(idOf));
  });
});

describe('settings', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'factflow-cli-')), 'config.json');
  const originOf = async (line: string, environment: Record<string, string> = {}) =>
    new URL((await runCli(line, { ...empty, environment })).requests[0]?.url ?? 'http://none').host;

  it('come from flag, variable and file, in this order', async () => {
    writeFileSync(file, JSON.stringify({ url: 'http://file:1' }));
    const environment = { FACTFLOW_CONFIG: file, FACTFLOW_URL: 'http://variable:2' };
    expect(await originOf(`${LIST} --url http://flag:3`, environment)).toBe('flag:3');
    expect(await originOf(LIST, environment)).toBe('variable:2');
    expect(await originOf(LIST, { FACTFLOW_CONFIG: file })).toBe('file:1');
    expect(await originOf(LIST)).toBe('127.0.0.1:4000');
  });

  it.each([
    ['{', /is not JSON/],
    ['[]', /JSON object/],
    ['{"colour": "no"}', /colour is not known/],
    ['{"url": 1}', /url must be text/],
    ['{"output": "xml"}', /output must be table, json or jsonl/],
  ])('refuse the file %s', async (text, message) => {
    writeFileSync(file, text);
    const { code, stderr } = await runCli(LIST, { ...empty, environment: { FACTFLOW_CONFIG: file } });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('execution wait', () => {
  const execution = (status: string, completion: string) => ({
    ...{ id: EXECUTION, name: 'nightly', status, completion, started_at: aRecord(1).started_at },
    ...{ completed_at: null, error: null, replay_of: null, from_stage: null, metadata: null },
    ...{ counts: { pending: 1, completed: 0, failed: 0, cancelled: 0 }, unsettled: 1, placeholders: 0 },
  });
  const states = (...answers: (readonly [string, string])[]): RunOptions => ({
    answer: () => {
      const [status, completion] = (answers.length > 1 ? answers.shift() : answers[0]) ?? ['', ''];
      return json(execution(status, completion));
    },
  });

  it('goes on while records are unfinished, and is fine only when the execution is done', async () => {
    const answers = states(['running', 'running'], ['completed', 'awaiting_records'], ['completed', 'done']);
    const { code, stdout, stderr, requests } = await runCli(`execution wait ${EXECUTION}`, answers);
    expect({ code, stderr, requests: requests.length }).toEqual({ code: 0, stderr: '', requests: 3 });
    expect(JSON.parse(stdout)).toMatchObject({ completion: 'done' });
  });

  it.each(['failed', 'cancelled'])('is 1 when it has %s', async (word) => {
    expect((await runCli(`execution wait ${EXECUTION}`, states([word, word]))).code).toBe(1);
  });

  it('gives up after --timeout', async () => {
    const { code, stderr, stdout } = await runCli(
      `execution wait ${EXECUTION} --timeout 5s`,
      states(['completed', 'awaiting_records']),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('is awaiting_records after 5 s');
  });
});
