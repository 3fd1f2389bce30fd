import fc from 'fast-check';
import { SequenceRanges } from './ranges';

describe('SequenceRanges', () => {
  it('hold exactly the numbers added, in as few ranges as there can be', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (numbers) => {
        const ranges = new SequenceRanges();
        for (const number of numbers) ranges.add(number);
        const expected: [number, number][] = [];
        for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
          const last = expected.at(-1);
          if (last && last[1] + 1 === number) last[1] = number;
          else expected.push([number, number]);
        }
        expect(ranges.toArray()).toEqual(expected);
      }),
    );
  });

  it('stay few, and never hide a number', () => {
    const ranges = new SequenceRanges();
    for (let number = 1; number <= 10_000; number += 2) ranges.add(number);
    const all = ranges.toArray();
    expect(all).toHaveLength(1000);
    expect(all.at(-1)).toEqual([1999, 9999]);
  });
});
