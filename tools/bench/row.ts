import type { Scope } from '../scratch/scope';
import type { Server, ServerKind } from '../scratch/server';

/** What a row's ratio (candidate / baseline) is held against, or how much more than the baseline the candidate may be. */
export type Goal =
  { readonly atLeast: number } | { readonly atMost: number } | { readonly atMostMore: number };

/** What rows measure on, and with. */
export interface Bench {
  /** folder of the workspace; what was built is in `dist` below it */
  readonly root: string;
  /** 1 as documented; smaller shrinks the data of a row, for trying it out */
  readonly scale: number;
  /** pairs of runs; a row's own number unless given */
  readonly runs: number | undefined;
  /** where CPU profiles of the apps go */
  readonly profileDir: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** aborted by Ctrl-C */
  readonly signal: AbortSignal;
  /** the scratch server, started when first asked for; `bulk` is one that loads fast, where the server is ours */
  server(kind?: ServerKind): Promise<Server>;
  /** A database that rows share: made when first asked for, kept until the end. */
  shared<T>(key: string, make: (scope: Scope) => Promise<T>): Promise<T>;
  /** tells people what goes on */
  say(message: string): void;
}

/** One comparison of the table. */
export interface Row {
  readonly name: string;
  /** what one number of the candidate is */
  readonly measure: string;
  /** what it is compared with */
  readonly baseline: string;
  readonly unit: string;
  /** none: the row is shown only */
  readonly goal?: Goal;
  /** pairs of runs, 5 unless given */
  readonly runs?: number;
  /** why it cannot run here */
  unavailable?(env: Bench['env']): string | undefined;
  /** Makes what both sides run on; what is to be undone goes to the scope. */
  prepare(bench: Bench, scope: Scope): Promise<Sides>;
}

/** What one run gave, in the row's unit: a number, or one for each part; the part that does worst stands for the row. */
export type Measured = number | Readonly<Record<string, number>>;

/** The two sides of a row, ready to run any number of times in turn. */
export interface Sides {
  baseline(): Promise<Measured>;
  candidate(): Promise<Measured>;
  /** what else the figures show, asked for after the last run */
  notes?(): readonly string[];
}

/** What came of a row. */
export interface Outcome {
  readonly row: Pick<Row, 'name' | 'unit' | 'goal' | 'measure' | 'baseline'>;
  /** medians */
  readonly value: number;
  readonly baseline: number;
  readonly ratio: number;
  /** smallest and largest ratio of a pair of runs */
  readonly spread: readonly [number, number];
  readonly runs: number;
  readonly seconds: number;
  /** undefined for rows without a goal */
  readonly met: boolean | undefined;
  readonly notes: readonly string[];
}

/** A row that did not come to its end. */
export interface Failure {
  readonly row: Pick<Row, 'name'>;
  readonly error: string;
}

export const isFailure = (result: Outcome | Failure): result is Failure => 'error' in result;

/** `≥ 0.75`, `≤ 2`, `≤ +64`, or `shown` */
export function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return 'shown';
  if ('atLeast' in goal) return `≥ ${goal.atLeast}`;
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≤ +${goal.atMostMore}`;
}

/** Whether a row reaches a goal. */
export function meets(
  goal: Goal,
  { value, baseline, ratio }: Pick<Outcome, 'value' | 'baseline' | 'ratio'>,
): boolean {
  if ('atLeast' in goal) return ratio >= goal.atLeast;
  return 'atMost' in goal ? ratio <= goal.atMost : value - baseline <= goal.atMostMore;
}
