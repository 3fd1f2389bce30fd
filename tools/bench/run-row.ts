import { median } from './numbers';
import { meets, type Bench, type Measured, type Outcome, type Row, type Sides } from './row';
import { Scope } from '../scratch/scope';
import { unlessAborted } from '../scratch/unless-aborted';

const PAIRS = 5;

/**
 * Measures one row: both sides once to warm up, then in turn, who goes first changing from pair to pair, so that what
 * drifts (a noisy machine, a growing database) meets both alike.
 */
export async function runRow(row: Row, bench: Bench): Promise<Outcome> {
  const started = performance.now();
  const scope = new Scope(bench.say);
  try {
    const work = measure(row, bench, scope);
    const [pairs, notes] = await unlessAborted(work, bench.signal);
    return outcomeOf(row, pairs, notes, (performance.now() - started) / 1000);
  } finally {
    await scope.close();
  }
}

interface Pair {
  readonly candidate: Measured;
  readonly baseline: Measured;
}

async function measure(row: Row, bench: Bench, scope: Scope): Promise<[Pair[], readonly string[]]> {
  bench.say(`${row.name}: preparing ...`);
  const sides = await row.prepare(bench, scope);
  bench.say(`${row.name}: warming up ...`);
  await runPair(sides, true);
  const pairs: Pair[] = [];
  const wanted = bench.runs ?? row.runs ?? PAIRS;
  for (let n = 1; n <= wanted; n += 1) {
    bench.signal.throwIfAborted();
    const pair = await runPair(sides, n % 2 === 0);
    pairs.push(pair);
    const [candidate, baseline] = [pair.candidate, pair.baseline].map(textOf);
    bench.say(`${row.name}: run ${n} of ${wanted}: ${candidate} against ${baseline} ${row.unit}`);
  }
  return [pairs, sides.notes?.() ?? []];
}

async function runPair(sides: Sides, candidateFirst: boolean): Promise<Pair> {
  if (candidateFirst) {
    const candidate = await sides.candidate();
    return { candidate, baseline: await sides.baseline() };
  }
  const baseline = await sides.baseline();
  return { baseline, candidate: await sides.candidate() };
}

/** What a row makes of its pairs of runs. */
export function outcomeOf(
  row: Row,
  pairs: readonly Pair[],
  notes: readonly string[],
  seconds: number,
): Outcome {
  const all = partsOf(pairs).map((part) => ({ part, ...compare(pairs, part) }));
  const ranked = all.toSorted((a, b) => a.ratio - b.ratio);
  const worst = row.goal && 'atLeast' in row.goal ? ranked[0] : ranked.at(-1);
  if (!worst) throw new Error('no run');
  const { part, ...figures } = worst;
  const told = all.map(
    (one) =>
      `${one.part}: ${shortNumber(one.value)} against ${shortNumber(one.baseline)} ${row.unit}, ratio ${one.ratio.toFixed(2)}`,
  );
  return {
    row,
    ...figures,
    runs: pairs.length,
    seconds,
    met: row.goal && meets(row.goal, worst),
    notes: [...(part === WHOLE ? [] : told), ...notes],
  };
}

/** The only part of what has none. */
const WHOLE = '';

const partsOf = ([first]: readonly Pair[]): string[] =>
  first === undefined || typeof first.candidate === 'number' ? [WHOLE] : Object.keys(first.candidate);

const partOf = (measured: Measured, part: string): number =>
  typeof measured === 'number' ? measured : (measured[part] ?? NaN);

function compare(
  pairs: readonly Pair[],
  part: string,
): Pick<Outcome, 'value' | 'baseline' | 'ratio' | 'spread'> {
  const candidates = pairs.map(({ candidate }) => partOf(candidate, part));
  const baselines = pairs.map(({ baseline }) => partOf(baseline, part));
  const ratios = candidates.map((value, n) => value / (baselines[n] as number));
  const [value, baseline] = [median(candidates), median(baselines)];
  return { value, baseline, ratio: value / baseline, spread: [Math.min(...ratios), Math.max(...ratios)] };
}

const textOf = (measured: Measured): string =>
  typeof measured === 'number'
    ? shortNumber(measured)
    : Object.entries(measured)
        .map(([part, value]) => `${part} ${shortNumber(value)}`)
        .join(', ');

/** Three significant digits, or all before the point. */
export const shortNumber = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
