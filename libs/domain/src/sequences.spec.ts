import * as fc from 'fast-check';
import { lastOf, reachOf, sequencesOf, sizeOf, subtract, unite, type SequenceRange } from './sequences';

const range: fc.Arbitrary<SequenceRange> = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat(8))
  .map(([from, more]) => [from, from + more]);
const ranges = fc.array(range, { maxLength: 8 });

const numbersOf = (set: readonly SequenceRange[]): Set<number> =>
  new Set(set.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n)));
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe('a set of sequence numbers', () => {
  it('is that of its numbers, whatever ranges it was made of', () => {
    fc.assert(
      fc.property(ranges, ranges, (some, others) => {
        const [a, b] = [sequencesOf(some), sequencesOf(others)];
        const [inA, inB] = [numbersOf(some), numbersOf(others)];
        expect(sorted(numbersOf(a))).toEqual(sorted(inA));
        expect(sorted(numbersOf(unite(a, b)))).toEqual(sorted(new Set([...inA, ...inB])));
        const rest = subtract(a, b);
        expect(sorted(numbersOf(rest))).toEqual(sorted([...inA].filter((number) => !inB.has(number))));
        expect(sizeOf(a)).toBe(inA.size);
        expect(lastOf(a)).toBe(Math.max(0, ...inA));
        let reach = 0;
        while (inA.has(reach + 1)) reach += 1;
        expect(reachOf(a)).toBe(reach);
        for (const set of [a, rest])
          for (const [n, [from, to]] of set.entries()) {
            expect(from).toBeLessThanOrEqual(to);
            if (n > 0) expect(from).toBeGreaterThan((set[n - 1]?.[1] ?? 0) + 1);
          }
      }),
    );
  });
});
