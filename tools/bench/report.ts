import Table from 'cli-table3';
import { goalText, isFailure, type Failure, type Outcome } from './row';
import { shortNumber } from './run-row';

/** One line of JSON for a program that reads on. */
export function jsonLine(result: Outcome | Failure): string {
  if (isFailure(result)) {
    const nothing = { value: null, unit: null, baseline: null, ratio: null };
    return JSON.stringify({ name: result.row.name, ...nothing, met: false, error: result.error });
  }
  const { row, value, baseline, ratio, spread, runs, seconds, met, notes } = result;
  return JSON.stringify({
    name: row.name,
    value: rounded(value),
    unit: row.unit,
    baseline: rounded(baseline),
    ratio: rounded(ratio),
    goal: row.goal ? goalText(row.goal) : null,
    met: met ?? null,
    spread: spread.map(rounded),
    runs,
    seconds: Math.round(seconds),
    notes,
  });
}

const rounded = (value: number): number => Number(value.toPrecision(5));

const HEAD = ['row', 'candidate', 'baseline', 'unit', 'ratio', 'of pairs', 'goal', ''];

/** The results for people, notes below. */
export function table(results: readonly (Outcome | Failure)[]): string {
  const rows = new Table({
    head: HEAD,
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'left', 'left'],
  });
  rows.push(...results.map(cells));
  const notes = results.flatMap((result) =>
    isFailure(result)
      ? [`${result.row.name}: failed: ${result.error}`]
      : [
          `${result.row.name}: ${result.row.measure}; baseline: ${result.row.baseline}.`,
          ...result.notes.map((note) => `  ${note}`),
        ],
  );
  return `${rows.toString()}\n\n${notes.join('\n')}\n`;
}

function cells(result: Outcome | Failure): string[] {
  if (isFailure(result)) return [result.row.name, '', '', '', '', '', '', 'failed'];
  const { row, value, baseline, ratio, spread, met } = result;
  return [
    row.name,
    shortNumber(value),
    shortNumber(baseline),
    row.unit,
    ratio.toFixed(2),
    spread.map((end) => end.toFixed(2)).join('–'),
    goalText(row.goal),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

/** 1 as soon as a row missed its goal or failed. */
export const exitCodeOf = (results: readonly (Outcome | Failure)[]): number =>
  results.some((result) => isFailure(result) || result.met === false) ? 1 : 0;
