import { sequencesOf, subtract, type SequenceRange } from '@factflow/domain';
import * as fc from 'fast-check';
import { LogSequences } from './log-sequences';
import { without } from './without';

const single = (numbers: readonly number[]) => sequencesOf(numbers.map((n): SequenceRange => [n, n]));
const held = (log: LogSequences, id: string): readonly SequenceRange[] => [...without(log.rangesOf(id), [])];
const seen = (log: LogSequences, id: string, numbers: readonly number[]): void => {
  for (const number of numbers) log.see(id, String(number));
};
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, n) => from + n);

describe('sequences of the log', () => {
  it('are those that were seen of each recorder, in whatever order and however often', () => {
    const sequence = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), sequence)), (events) => {
        const log = new LogSequences();
        for (const [id, number] of events) log.see(id, String(number));
        for (const id of ['a', 'b'])
          expect(held(log, id)).toEqual(
            single(events.flatMap(([of, number]) => (of === id ? [number] : []))),
          );
      }),
    );
  });

  it('take little where all of a recorder is there in the end', () => {
    const log = new LogSequences(60);
    const numbers = upTo(100_000);
    for (let n = numbers.length - 1; n > 0; n -= 1) {
      const other = (n * 7919) % (n + 1);
      [numbers[n], numbers[other]] = [numbers[other] as number, numbers[n] as number];
    }
    seen(log, 'a', numbers);
    expect([log.isCut, held(log, 'a')]).toEqual([false, [[1, 100_000]]]);
  });

  it('are those of some recorders only where there are too many, and it is known of which', () => {
    const log = new LogSequences(3);
    seen(log, 'scattered', [1, 10_000]);
    seen(log, 'small', [1, 2, 3]);
    seen(log, 'scattered', [20_000, 30_000]);
    seen(log, 'late', [1]);
    seen(log, 'small', [5, 4000]);
    expect(log.isCut).toBe(true);
    expect(['scattered', 'small', 'late'].map((id) => log.isWhole(id))).toEqual([false, true, false]);
    expect(held(log, 'small')).toEqual([[1, 3], [5, 5], [4000, 4000]]); // prettier-ignore
    expect(log.ids).toEqual(['small']);
  });

  it('take no event for one that says nothing, or what no recorder can say', () => {
    const log = new LogSequences();
    log.see(null, '1');
    log.see('a', null);
    for (const text of ['-5', '9223372036854775807']) log.see('a', text);
    expect(held(log, 'a')).toEqual([[0, 0], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]]); // prettier-ignore
  });
});

it('what one set has without another is found as the sets are gone through', () => {
  const set = fc.array(fc.integer({ min: 1, max: 60 })).map(single);
  fc.assert(
    fc.property(set, set, (a, b) => expect([...without(a, b)]).toEqual(subtract(a, b))),
    { numRuns: 500 },
  );
});
