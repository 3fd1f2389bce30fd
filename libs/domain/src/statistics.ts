import { DDSketch } from '@datadog/sketches-js';
import { completionOf, type Completion, type RecordState } from './record';

// Durations are counted in the logarithmic buckets of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and
// fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019): bucket i holds values in
// (gamma^(i-1), gamma^i] with gamma = (1 + a) / (1 - a). Only the mapping is used: the counts are integers of ours,
// so that a contribution can be taken back exactly.
const RELATIVE_ERROR = 0.01;
const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ERROR });
/** Zero has no logarithm: durations below one millisecond stand in a bucket below all others. */
const ZERO_BUCKET = -1;

/** Completions that are counted: a placeholder has no part in statistics. */
export type CountedCompletion = Exclude<Completion, 'unknown'>;

/** Sums over the records of one route and adapter of an execution. Integers only. */
export interface AdapterStatistics {
  readonly executionId: string;
  readonly routeId: string;
  readonly adapterName: string;
  readonly completions: Readonly<Record<CountedCompletion, number>>;
  /** total of the durations of ended records, milliseconds; exact for any number of records */
  readonly durationMs: bigint;
  /** ended records by bucket of their duration */
  readonly durations: Readonly<Record<string, number>>;
}

export type StatisticsKey = Pick<AdapterStatistics, 'executionId' | 'routeId' | 'adapterName'>;

/** The key as text, for maps. Lengths keep apart what concatenation would join. */
export const statisticsKey = (key: StatisticsKey): string =>
  `${key.executionId}${key.routeId.length}:${key.routeId}${key.adapterName}`;

/** The sum that no record contributes to. */
export const emptyStatistics = ({ executionId, routeId, adapterName }: StatisticsKey): AdapterStatistics => ({
  executionId,
  routeId,
  adapterName,
  completions: { pending: 0, awaiting_children: 0, done: 0, failed: 0, cancelled: 0 },
  durationMs: 0n,
  durations: {},
});

/** Milliseconds from start to end, never below 0; `null` while the record has not ended. */
export const durationOf = (record: Pick<RecordState, 'startedAt' | 'terminal'>): number | null =>
  record.startedAt === null || record.terminal === null
    ? null
    : Math.max(0, record.terminal.at - record.startedAt);

/** Which sums a record is part of; `null` for placeholders. */
export const statisticsKeyOf = (record: RecordState): StatisticsKey | null =>
  record.registration === null || record.routeId === null || record.adapterName === null
    ? null
    : { executionId: record.executionId, routeId: record.routeId, adapterName: record.adapterName };

const bucketOf = (durationMs: number): number => (durationMs < 1 ? ZERO_BUCKET : mapping.key(durationMs));
const valueOf = (bucket: number): number => (bucket === ZERO_BUCKET ? 0 : mapping.value(bucket));

/** A mutable sum that contributions of records are added to and taken back from. */
export class StatisticsSum {
  private readonly completions: Record<CountedCompletion, number>;
  private readonly durations: Map<number, number>;
  /** what is to be added to the initial total: a number as long as it is exact */
  private addedMs = 0;
  private durationMs: bigint;

  constructor(private readonly initial: AdapterStatistics) {
    this.completions = { ...initial.completions };
    this.durations = new Map(
      Object.entries(initial.durations).map(([bucket, count]) => [Number(bucket), count]),
    );
    this.durationMs = initial.durationMs;
  }

  /** Adds the record's contribution (`sign` 1) or takes it back (-1). */
  add(record: RecordState, sign: 1 | -1): void {
    const completion = completionOf(record);
    if (completion === 'unknown') return;
    this.completions[completion] += sign;
    const duration = durationOf(record);
    if (duration === null) return;
    this.addMs(sign * duration);
    const bucket = bucketOf(duration);
    const count = (this.durations.get(bucket) ?? 0) + sign;
    if (count === 0) this.durations.delete(bucket);
    else this.durations.set(bucket, count);
  }

  private addMs(ms: number): void {
    if (!Number.isSafeInteger(this.addedMs + ms)) {
      this.durationMs += BigInt(this.addedMs);
      this.addedMs = 0;
    }
    this.addedMs += ms;
  }

  /** Whether no record contributes any more. */
  get isEmpty(): boolean {
    return Object.values(this.completions).every((count) => count === 0);
  }

  result(): AdapterStatistics {
    return {
      ...this.initial,
      completions: this.completions,
      durationMs: this.durationMs + BigInt(this.addedMs),
      durations: Object.fromEntries([...this.durations].sort(([a], [b]) => a - b)),
    };
  }
}

/**
 * Durations of ended records, milliseconds. Count, sum and mean are exact; min, max and quantiles come from buckets, within 1 %,
 * and everything lies between min and max.
 */
export interface DurationSummary {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/**
 * Reads minimum, maximum and quantiles from bucket counts.
 * @returns null when no record has ended
 */
export function summariseDurations(
  durations: Readonly<Record<string, number>>,
  sum: bigint,
): DurationSummary | null {
  const buckets = Object.entries(durations).map(([key, count]) => [Number(key), count] as const);
  buckets.sort(([a], [b]) => a - b);
  const count = buckets.reduce((total, [, n]) => total + n, 0);
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) return null;
  const quantile = (q: number): number => {
    let rank = q * (count - 1);
    for (const [bucket, n] of buckets) {
      rank -= n;
      if (rank < 0) return valueOf(bucket);
    }
    return valueOf(last[0]);
  };
  const mean = Number(sum) / count;
  return {
    count,
    sum: Number(sum),
    mean,
    // The mean is exact: where a bucket says more of an end than the mean allows, the mean is nearer to the truth.
    min: Math.min(valueOf(first[0]), mean),
    max: Math.max(valueOf(last[0]), mean),
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
  };
}
