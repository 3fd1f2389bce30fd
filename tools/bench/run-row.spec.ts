import type { Bench, Row } from './row';
import { runRow, shortNumber } from './run-row';

const bench = (overrides: Partial<Bench> = {}): Bench => ({
  root: '/',
  scale: 1,
  runs: undefined,
  profileDir: undefined,
  env: {},
  signal: new AbortController().signal,
  server: () => Promise.reject(new Error('no server here')),
  shared: () => Promise.reject(new Error('nothing shared here')),
  say: () => undefined,
  ...overrides,
});

/** A row whose sides give these numbers one after the other, the first of each to warm up. */
function row(candidates: number[], baselines: number[], options: Partial<Row> = {}) {
  const ran: string[] = [];
  const next = (side: string, numbers: number[]) => () => {
    ran.push(side);
    return Promise.resolve(numbers.shift() as number);
  };
  const made: Row = {
    name: 'row',
    measure: 'measure',
    baseline: 'baseline',
    unit: 'ms',
    prepare: (_bench, scope) => {
      scope.defer('end', () => ran.push('undone'));
      return Promise.resolve({
        candidate: next('candidate', candidates),
        baseline: next('baseline', baselines),
        notes: () => [`after ${ran.length}`],
      });
    },
    ...options,
  };
  return { made, ran };
}

describe('running a row', () => {
  it('compares medians and leaves the warm-up out', async () => {
    const { made } = row([1000, 10, 30, 20], [1, 10, 10, 10], { runs: 3, goal: { atMost: 2 } });
    expect(await runRow(made, bench())).toMatchObject({
      value: 20,
      baseline: 10,
      ratio: 2,
      spread: [1, 3],
      runs: 3,
      met: true,
    });
  });

  it('takes turns, and who goes first changes', async () => {
    const { made, ran } = row([1, 1, 1], [1, 1, 1]);
    await runRow(made, bench({ runs: 2 }));
    expect(ran).toEqual([
      ...['candidate', 'baseline'],
      ...['baseline', 'candidate'],
      ...['candidate', 'baseline'],
      'undone',
    ]);
  });

  it('makes five pairs unless told otherwise', async () => {
    const ones = (): number[] => new Array<number>(6).fill(1);
    expect(await runRow(row(ones(), ones()).made, bench())).toMatchObject({ runs: 5 });
  });

  it('says a goal is missed, and nothing without one', async () => {
    const low = row([1, 1], [1, 2], { goal: { atLeast: 0.75 } });
    expect(await runRow(low.made, bench({ runs: 1 }))).toMatchObject({ ratio: 0.5, met: false });
    const shown = row([1, 1], [1, 2]);
    expect((await runRow(shown.made, bench({ runs: 1 }))).met).toBeUndefined();
  });

  it('can hold the difference against a goal instead of the ratio', async () => {
    const goal = { atMostMore: 64 };
    const within = row([1, 164], [1, 100], { goal });
    expect(await runRow(within.made, bench({ runs: 1 }))).toMatchObject({ met: true });
    const above = row([1, 165], [1, 100], { goal });
    expect(await runRow(above.made, bench({ runs: 1 }))).toMatchObject({ met: false });
  });

  it('stands for its worst part, and tells all of them', async () => {
    const { made } = row([], []);
    const parts: Row = {
      ...made,
      goal: { atMost: 2 },
      prepare: async (b, scope) => ({
        ...(await made.prepare(b, scope)),
        candidate: () => Promise.resolve({ get: 3, chain: 30 }),
        baseline: () => Promise.resolve({ get: 1, chain: 20 }),
        notes: () => ['100 executions'],
      }),
    };
    expect(await runRow(parts, bench({ runs: 1 }))).toMatchObject({
      value: 3,
      baseline: 1,
      ratio: 3,
      met: false,
      notes: ['get: 3 against 1 ms, ratio 3.00', 'chain: 30 against 20 ms, ratio 1.50', '100 executions'],
    });
  });

  it('asks for notes after the last run', async () => {
    const { made } = row([1, 1], [1, 1]);
    expect((await runRow(made, bench({ runs: 1 }))).notes).toEqual(['after 4']);
  });

  it('undoes what a failing row has made', async () => {
    const { made, ran } = row([], []);
    const failing: Row = {
      ...made,
      prepare: async (b, scope) => ({
        ...(await made.prepare(b, scope)),
        candidate: () => Promise.reject(new Error('disk full')),
      }),
    };
    await expect(runRow(failing, bench())).rejects.toThrow('disk full');
    expect(ran.at(-1)).toBe('undone');
  });

  it('gives up at Ctrl-C while a run is under way, and cleans up', async () => {
    const interruption = new AbortController();
    const { made, ran } = row([], []);
    const endless: Row = {
      ...made,
      prepare: async (b, scope) => ({
        ...(await made.prepare(b, scope)),
        candidate: () => {
          interruption.abort(new Error('interrupted'));
          return new Promise(() => undefined);
        },
      }),
    };
    await expect(runRow(endless, bench({ signal: interruption.signal }))).rejects.toThrow('interrupted');
    expect(ran).toEqual(['undone']);
  });
});

it('numbers for people have three digits, or all before the point', () => {
  expect([0.012345, 1.2345, 99.96, 123456.7].map(shortNumber)).toEqual(['0.0123', '1.23', '100', '123,457']);
});
