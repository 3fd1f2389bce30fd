import { EXECUTION, idOf, json, runCli, type RunOptions } from '../testing';
import type { Replay } from './replay-answers';

const REPLAY = idOf(77);
const START = `execution replay ${EXECUTION} --from-stage chunker`;

const aReplay = (fields: Partial<Replay> = {}): Replay => ({
  execution_id: REPLAY,
  replay_of: EXECUTION,
  from_stage: 'chunker',
  route_id: null,
  only_failed: false,
  reason: null,
  state: 'running',
  total: 4,
  waiting: 4,
  leased: 0,
  completed: 0,
  failed: 0,
  dead: 0,
  cancelled: 0,
  created_at: '2026-11-22T12:00:00.000Z',
  ended_at: null,
  ...fields,
});
const OVER = aReplay({ state: 'completed', waiting: 0, completed: 4, ended_at: '2026-11-22T12:00:02.000Z' });

/** What became of nothing: the table is a matter of `execution diff`. */
const diffOf = (): Response => {
  const side = {
    name: null,
    status: 'completed',
    completion: 'done',
    replay_of: null,
    compared: 0,
    outside: 0,
  };
  const summary = {
    a: { id: EXECUTION, ...side },
    b: { id: REPLAY, ...side },
    finished: true,
    worse: false,
    totals: {},
    adapters: [],
    more_adapters: 0,
  };
  return new Response(`${JSON.stringify(summary)}\n`, {
    headers: { 'content-type': 'application/x-ndjson' },
  });
};

/** The command app: one answer to the start, then one to each look, the last for ever. */
function replaying(...looks: readonly (Replay | 'away')[]): RunOptions & { readonly asked: string[] } {
  const asked: string[] = [];
  let look = 0;
  return {
    asked,
    answer: (url, request) => {
      asked.push(`${request.method} ${url.pathname}`);
      if (url.pathname.endsWith('/replay') && request.method === 'GET') {
        const answer = looks[Math.min(look++, looks.length - 1)];
        if (answer === 'away') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
        return json(answer);
      }
      if (url.pathname.includes('/diff/')) return diffOf();
      if (url.port === '4000') return json({ id: REPLAY, completion: 'done', unsettled: 0 });
      return json(aReplay({ state: 'starting' }), 202);
    },
  };
}

const problem = (status: number, fields: object): RunOptions => ({
  answer: () => json({ type: 'about:blank', title: 'Problem', status, ...fields }, status),
});

describe('execution replay', () => {
  it('asks the command app for what is typed, and says what to type next', async () => {
    const line = `${START} --route documents --only-failed --reason fixed --idempotency-key k`;
    const { code, stdout, stderr, requests } = await runCli(line, { answer: () => json(aReplay(), 202) });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(aReplay());
    expect(stderr).toContain(`factflow execution replay ${REPLAY} --wait`);
    expect(requests[0]?.url).toBe(`http://127.0.0.1:4001/api/v1/executions/${EXECUTION}/replay`);
    await expect(requests[0]?.json()).resolves.toEqual({
      from_stage: 'chunker',
      route_id: 'documents',
      only_failed: true,
      reason: 'fixed',
      idempotency_key: 'k',
    });
  });

  it.each<[Replay, string[], string[]]>([
    [OVER, ['asked for before, under this key, and is completed', '--wait'], ['takes it as soon']],
    [
      aReplay(),
      ['asked for before, under this key, and is running', 'takes it as soon as one runs', '--wait'],
      [],
    ],
    [
      aReplay({ state: 'cancelling' }),
      ['asked for before, under this key, and is cancelling'],
      ['takes it as soon'],
    ],
  ])('says of one that was asked for before how it is: $state', async (replay, said, unsaid) => {
    const { code, stdout, stderr } = await runCli(`${START} --idempotency-key k`, {
      answer: () => json(replay, 200),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(replay);
    for (const text of said) expect(stderr).toContain(text);
    for (const text of unsaid) expect(stderr).not.toContain(text);
  });

  it('only says what would happen when it is told so', async () => {
    const plan = {
      ...aReplay(),
      records: 4,
      routes: [{ route_id: 'documents', records: 4 }],
      pending: 2,
      dry_run: true,
    };
    const { code, stdout, stderr } = await runCli(`${START} --dry-run -o table`, {
      answer: () => json(plan),
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^would replay +4 messages\n/);
    expect(stdout).toMatch(/left out +2 pending/);
    const one = await runCli(`${START} --dry-run -o table`, { answer: () => json({ ...plan, records: 1 }) });
    expect(one.stdout).toMatch(/^would replay +1 message\n/);
    expect(stderr).toContain('Nothing has happened');
  });

  it('waits with a bar, through a restart of the command app, and ends with the diff', async () => {
    const looks = replaying(aReplay({ waiting: 1, leased: 1, completed: 2 }), 'away', OVER);
    const { code, stdout, stderr } = await runCli(`${START} --wait --no-color`, { ...looks, columns: 100 });
    expect(code).toBe(0);
    expect(stderr).toContain(
      `${'█'.repeat(12)}${'░'.repeat(12)} 50 % of 4: 2 completed, 1 at work, 1 waiting`,
    );
    expect(stdout).toMatch(/^replay +.*\n.*of execution/);
    expect(stdout).toMatch(/messages +4: 4 completed/);
    expect(looks.asked.at(-1)).toBe(`GET /api/v1/executions/${EXECUTION}/diff/${REPLAY}`);
  });

  it('says that the command app is away, once for each time, and that it is tried again', async () => {
    const busy = aReplay({ waiting: 3, leased: 1 });
    const away = Array.from({ length: 12 }, () => 'away' as const);
    const { code, stderr } = await runCli(`${START} --wait`, replaying(busy, ...away, busy, ...away, OVER));
    expect(code).toBe(0);
    expect(
      stderr.match(/command app cannot be reached.* is tried again until it was away for 60 s/g),
    ).toHaveLength(2);
    const short = await runCli(`${START} --wait`, replaying(busy, 'away', 'away', OVER));
    expect(short.stderr).not.toContain('tried again');
    const gone = await runCli(`${START} --wait`, replaying(busy, 'away'));
    expect(gone).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('command app cannot be reached') as string,
    });
  });

  it('says so when no service takes anything, once', async () => {
    const untouched = Array.from({ length: 20 }, () => aReplay());
    const { code, stderr } = await runCli(`${START} --wait`, replaying(...untouched, OVER));
    expect(code).toBe(0);
    expect(stderr.match(/No service has taken any of it for 5 s/g)).toHaveLength(1);
    expect(stderr).toContain(`@ReplayHandler({ adapter: 'chunker' })`);
  });

  it('leaves the replay running on Ctrl-C, and says how to come back', async () => {
    const interruption = AbortSignal.abort();
    const { code, stdout, stderr } = await runCli(`${START} --wait`, {
      ...replaying(aReplay()),
      interruption,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('The replay goes on without you (4 waiting)');
    expect(stderr).toContain(`factflow execution replay ${REPLAY} --wait\n`);
    expect(stderr).toContain(`factflow execution replay ${REPLAY} --cancel\n`);
  });

  it('waits no longer than it is told to', async () => {
    const busy = aReplay({ waiting: 3, leased: 1 });
    const { code, stderr } = await runCli(`${START} --wait --timeout 3s`, replaying(busy));
    expect(code).toBe(1);
    expect(stderr).toMatch(/Replay .* is running after 3 s; it goes on\.\n1 at work, 3 waiting\./);
  });

  it('waits for a replay that has been started, and cancels one', async () => {
    const waited = replaying(OVER);
    expect((await runCli(`execution replay ${REPLAY} --wait`, waited)).code).toBe(0);
    expect(waited.asked[0]).toBe(`GET /api/v1/executions/${REPLAY}/replay`);
    const { code, stdout, requests } = await runCli(`execution replay ${REPLAY} --cancel`, {
      answer: () => json(aReplay({ state: 'cancelling' }), 202),
    });
    expect({ code, method: requests[0]?.method }).toEqual({ code: 0, method: 'DELETE' });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'cancelling' });
  });

  it('names the records whose inputs cannot be had', async () => {
    const errors = Array.from({ length: 12 }, (_, n) => ({
      field: `records.${idOf(n)}`,
      message: 'its input was redacted',
    }));
    const detail = 'The input of 12 of 20 records cannot be had; nothing was queued.';
    const refused = problem(422, { code: 'inputs_not_replayable', detail, errors });
    const { code, stdout, stderr } = await runCli(START, refused);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(detail);
    expect(stderr).toContain(`record ${idOf(0)}: its input was redacted`);
    expect(stderr).toContain('and 2 more');
    expect(stderr).toContain(`factflow lineage get ${idOf(0)} --execution ${EXECUTION}`);
  });

  it.each<[string, string, RunOptions, number, RegExp]>([
    ['no stage', `execution replay ${EXECUTION}`, {}, 2, /--from-stage names the adapter/],
    ['cancelling and more', `${START} --cancel`, {}, 2, /--cancel stands alone/],
    [
      'nothing selected',
      START,
      problem(422, { code: 'nothing_to_replay', detail: 'No record has ended.' }),
      2,
      /No record has ended/,
    ],
    [
      'no execution',
      START,
      problem(404, { code: 'execution_not_found', detail: 'There is none.' }),
      3,
      /There is none/,
    ],
    ['nobody there', START, {}, 4, /command app cannot be reached/],
  ])('ends with its exit code for %s', async (_name, line, options, expected, message) => {
    const { code, stderr } = await runCli(line, options);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });
});
