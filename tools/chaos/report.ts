import Table from 'cli-table3';
import type { Outcome } from './scenario';

/** A scenario that did not come to its end. */
export interface Failure {
  readonly name: string;
  readonly error: string;
}

const isFailure = (result: Outcome | Failure): result is Failure => 'error' in result;

/** One line of JSON for a program that reads on. */
export function jsonLine(result: Outcome | Failure): string {
  if (isFailure(result)) return JSON.stringify({ ...result, held: false });
  const { throughput, baseline, ratio, seconds } = result;
  const numbers = { throughput, baseline, ratio, seconds };
  const rounded = Object.entries(numbers).map(([name, value]) => [name, Number(value.toPrecision(4))]);
  return JSON.stringify({ ...result, ...(Object.fromEntries(rounded) as typeof numbers) });
}

const HEAD = [
  'scenario',
  'returned',
  'stored',
  'twice',
  'lost',
  'imported',
  'destroyed',
  'unaccounted',
  'messages/s',
  'without',
  'ratio',
  's',
  '',
];

/** The results for people, notes below. */
export function table(results: readonly (Outcome | Failure)[]): string {
  const rows = new Table({
    head: HEAD,
    style: { head: [], border: [], compact: true },
    colAligns: HEAD.map((_, place) => (place === 0 || place === HEAD.length - 1 ? 'left' : 'right')),
  });
  rows.push(...results.map(cells));
  const notes = results.flatMap((result) =>
    isFailure(result)
      ? [`${result.name}: failed: ${result.error}`]
      : [...result.notes, ...result.problems.map((problem) => `NOT SO: ${problem}`)].map(
          (note) => `${result.name}: ${note}`,
        ),
  );
  return `${rows.toString()}\n\n${notes.join('\n')}\n`;
}

function cells(result: Outcome | Failure): string[] {
  if (isFailure(result)) return [result.name, ...HEAD.slice(2).map(() => ''), 'failed'];
  const { returned, stored, duplicates, lost, imported, destroyed, unaccounted } = result;
  const { throughput, baseline, ratio, seconds } = result;
  const counts = [returned, stored, duplicates, lost, imported, destroyed, unaccounted];
  const speed = Number.isNaN(ratio) ? ['', '', ''] : [whole(throughput), whole(baseline), ratio.toFixed(2)];
  return [result.name, ...counts.map(whole), ...speed, whole(seconds), result.held ? 'held' : 'DID NOT HOLD'];
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

/** 1 as soon as something did not hold or failed. */
export const exitCodeOf = (results: readonly (Outcome | Failure)[]): number =>
  results.some((result) => isFailure(result) || !result.held) ? 1 : 0;
