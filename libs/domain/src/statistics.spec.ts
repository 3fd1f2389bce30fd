import * as fc from 'fast-check';
import { emptyRecord, type RecordState } from './record';
import { emptyStatistics, StatisticsSum, summariseDurations } from './statistics';

const key = { executionId: 'e', routeId: 'r', adapterName: 'a' };
const ended = (duration: number): RecordState => ({
  ...emptyRecord({ executionId: 'e', id: String(duration) }),
  ...key,
  registration: { at: 0, eventId: 'x' },
  startedAt: 0,
  terminal: { at: duration, eventId: 'y' },
  status: 'completed',
});
const sumOf = (records: readonly RecordState[]): StatisticsSum => {
  const sum = new StatisticsSum(emptyStatistics(key));
  for (const record of records) sum.add(record, 1);
  return sum;
};

describe('statistics', () => {
  it('give quantiles, minimum and maximum within 1 %, the others between these two', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.integer({ min: 0, max: 10 ** 12 }), { minLength: 1, maxLength: 300 }),
          // Nearly equal ones share a bucket, whose value is none of theirs.
          fc
            .tuple(fc.integer({ min: 1, max: 10 ** 6 }), fc.integer({ min: 1, max: 50 }))
            .map(([ms, times]) => Array.from({ length: times }, () => ms)),
        ),
        (durations) => {
          const { durations: buckets, durationMs } = sumOf(durations.map(ended)).result();
          const summary = summariseDurations(buckets, durationMs);
          const sorted = [...durations].sort((a, b) => a - b);
          const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] as number;
          const near = (value: number | undefined, exact: number): void =>
            expect(Math.abs((value ?? NaN) - exact)).toBeLessThanOrEqual(exact * 0.0101);
          near(summary?.min, at(0));
          near(summary?.p50, at(0.5));
          near(summary?.p90, at(0.9));
          near(summary?.p99, at(0.99));
          near(summary?.max, at(1));
          expect(summary?.count).toBe(durations.length);
          for (const name of ['mean', 'p50', 'p90', 'p99'] as const) {
            expect(summary?.[name]).toBeGreaterThanOrEqual(summary?.min ?? NaN);
            expect(summary?.[name]).toBeLessThanOrEqual(summary?.max ?? NaN);
          }
          expect(durationMs).toBe(durations.reduce((sum, ms) => sum + BigInt(ms), 0n));
        },
      ),
    );
  });

  it('are empty again when every contribution is taken back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 9 })), (durations) => {
        const sum = sumOf(durations.map(ended));
        for (const duration of durations) sum.add(ended(duration), -1);
        expect(sum.isEmpty).toBe(true);
        expect(sum.result()).toEqual(emptyStatistics(key));
      }),
    );
  });

  it('count an end before the start as no time at all', () => {
    expect(sumOf([{ ...ended(5), startedAt: 9 }]).result()).toMatchObject({
      durationMs: 0n,
      durations: { '-1': 1 },
    });
    expect(summariseDurations({}, 0n)).toBeNull();
  });
});
