import { exitCodeOf, jsonLine, table } from './report';
import { holds } from './run-scenario';
import type { Account, Outcome } from './scenario';

const account = (over: Partial<Account> = {}): Account => ({
  returned: 1_000,
  stored: 1_000,
  duplicates: 0,
  lost: 0,
  imported: 0,
  destroyed: 0,
  unaccounted: 0,
  gaps: 0,
  problems: [],
  ...over,
});
const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  ...account(),
  name: 'kill',
  throughput: 432.123456,
  baseline: 480,
  ratio: 0.9,
  seconds: 12.34567,
  held: true,
  notes: ['200 kills'],
  ...over,
});

describe('a scenario', () => {
  it('holds when every call that returned is stored once, also by way of the structured log', () => {
    expect(holds(account(), [])).toBe(true);
    expect(holds(account({ lost: 70, imported: 70 }), [])).toBe(true);
    expect(holds(account({ stored: 997, destroyed: 3 }), [])).toBe(true);
  });

  it.each<[string, Partial<Account>, string[]]>([
    ['an event is missing', { stored: 999, unaccounted: 1 }, []],
    ['more is missing than was destroyed', { stored: 996, destroyed: 3 }, []],
    ['an event is stored twice', { duplicates: 1 }, []],
    ['nothing was recorded', { returned: 0, stored: 0 }, []],
    ['something else is wrong', {}, ['it ended too late']],
  ])('does not hold when %s', (_what, over, problems) => {
    expect(holds(account(over), problems)).toBe(false);
  });
});

describe('the report', () => {
  const fallen = outcome({ name: 'exit', held: false, problems: ['it ended too late'] });
  const failure = { name: 'spin', error: 'no such process' };

  it('has a line for every scenario, and below it what else is to be said', () => {
    const text = table([outcome(), fallen, failure]);
    expect(text).toMatch(/kill .* 1,000 .* 432 .* 480 .* 0\.90 .* 12 .* held/);
    expect(text).toMatch(/exit .* DID NOT HOLD/);
    expect(text).toMatch(/spin .* failed/);
    expect(text).toContain('kill: 200 kills\n');
    expect(text).toContain('exit: NOT SO: it ended too late\n');
    expect(text).toContain('spin: failed: no such process\n');
  });

  it('leaves the speed out where there is none to compare', () => {
    expect(table([outcome({ ratio: NaN })])).not.toContain('NaN');
    expect(JSON.parse(jsonLine(outcome({ ratio: NaN })))).toMatchObject({ ratio: null });
  });

  it('is a line of JSON for each, with the same numbers', () => {
    expect(JSON.parse(jsonLine(outcome()))).toMatchObject({
      name: 'kill',
      returned: 1_000,
      throughput: 432.1,
    });
    expect(JSON.parse(jsonLine(failure))).toEqual({ ...failure, held: false });
  });

  it('ends with 1 as soon as one did not hold', () => {
    expect([[outcome()], [outcome(), fallen], [failure]].map(exitCodeOf)).toEqual([0, 1, 1]);
  });
});
