import { exitCodeOf, jsonLine, table } from './report';
import type { Failure, Outcome } from './row';

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  row: {
    name: 'ingest',
    unit: 'events/s',
    goal: { atLeast: 0.75 },
    measure: 'events per second',
    baseline: 'COPY',
  },
  value: 40_000.4,
  baseline: 50_000,
  ratio: 0.800008,
  spread: [0.7, 0.9],
  runs: 5,
  seconds: 61.4,
  met: true,
  notes: ['100 events'],
  ...changes,
});
const failure: Failure = { row: { name: 'deep-line' }, error: 'disk full' };
const shown = outcome({ row: { ...outcome().row, name: 'peer', goal: undefined }, met: undefined });

describe('a line of JSON', () => {
  it('holds name, value, unit, baseline and ratio, and what else there is', () => {
    expect(JSON.parse(jsonLine(outcome()))).toEqual({
      name: 'ingest',
      value: 40_000,
      unit: 'events/s',
      baseline: 50_000,
      ratio: 0.80001,
      goal: '≥ 0.75',
      met: true,
      spread: [0.7, 0.9],
      runs: 5,
      seconds: 61,
      notes: ['100 events'],
    });
    expect(jsonLine(outcome())).not.toContain('\n');
  });

  it('of a row without a goal says neither met nor missed', () => {
    expect(JSON.parse(jsonLine(shown))).toMatchObject({ goal: null, met: null });
  });

  it('of a row that failed says why', () => {
    expect(JSON.parse(jsonLine(failure))).toEqual({
      name: 'deep-line',
      value: null,
      unit: null,
      baseline: null,
      ratio: null,
      met: false,
      error: 'disk full',
    });
  });
});

describe('the table', () => {
  it('has a line for every row, and the notes below', () => {
    const text = table([outcome(), outcome({ met: false }), shown, failure]);
    const lines = text.split('\n');
    expect(lines.find((line) => line.includes('met'))).toMatch(
      /ingest .* 40,000 .* 50,000 .* events\/s .* 0\.80 .* 0\.70–0\.90 .* ≥ 0\.75 .* met/,
    );
    expect(text).toContain('MISSED');
    expect(lines.find((line) => line.includes('peer'))).toContain('shown');
    expect(text).toContain('ingest: events per second; baseline: COPY.\n  100 events\n');
    expect(text).toContain('deep-line: failed: disk full');
  });
});

describe('the exit code', () => {
  it('is 0 when every goal is met', () => {
    expect(exitCodeOf([outcome(), shown])).toBe(0);
  });

  it('is 1 when a goal is missed or a row failed', () => {
    expect(exitCodeOf([outcome(), outcome({ met: false })])).toBe(1);
    expect(exitCodeOf([outcome(), failure])).toBe(1);
  });
});
