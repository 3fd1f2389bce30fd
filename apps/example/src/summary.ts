import type { Outcome } from './package-lane';

/** Findings of one reason that are named; beyond that they are only counted, so that memory stays bounded. */
const NAMED = 1000;

/** Findings of one reason. */
export interface ReasonSummary {
  readonly count: number;
  /** the first thousand */
  readonly packages: readonly { readonly path: string; readonly message: string }[];
}

/** What an audit came to. */
export interface Summary {
  readonly packages: number;
  readonly fine: number;
  readonly licences: Readonly<Record<string, number>>;
  readonly findings: Readonly<Record<string, ReasonSummary>>;
}

export const EMPTY_SUMMARY: Summary = { packages: 0, fine: 0, licences: {}, findings: {} };

export const summariseOutcomes = (outcomes: readonly Outcome[]): Summary =>
  outcomes.map(summariseOutcome).reduce(addSummaries, EMPTY_SUMMARY);

const summariseOutcome = ({ path, licence, finding }: Outcome): Summary => ({
  packages: 1,
  fine: finding ? 0 : 1,
  licences: licence === null ? {} : { [licence]: 1 },
  findings: finding ? { [finding.reason]: { count: 1, packages: [{ path, message: finding.message }] } } : {},
});

/** Both together. */
export function addSummaries(a: Summary, b: Summary): Summary {
  return {
    packages: a.packages + b.packages,
    fine: a.fine + b.fine,
    licences: merge(a.licences, b.licences, (x, y) => x + y),
    findings: merge(a.findings, b.findings, (x, y) => ({
      count: x.count + y.count,
      packages: [...x.packages, ...y.packages].slice(0, NAMED),
    })),
  };
}

// Keys come from packages: only own ones count, and one named __proto__ stays a key.
function merge<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  add: (x: T, y: T) => T,
): Readonly<Record<string, T>> {
  const result = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const known = result.get(key);
    result.set(key, known === undefined ? value : add(known, value));
  }
  return Object.fromEntries(result);
}

/** Entries, the largest first, then by name. */
export const ranked = <T>(
  counts: Readonly<Record<string, T>>,
  countOf: (value: T) => number,
): [string, T][] =>
  Object.entries(counts).sort(([a, x], [b, y]) => countOf(y) - countOf(x) || (a < b ? -1 : a > b ? 1 : 0));
