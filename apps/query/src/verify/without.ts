import type { SequenceRange } from '@factflow/domain';

/** The numbers of `a` that are not in `b`, both in ascending order, as they are found. */
export const without = (
  a: Iterable<SequenceRange>,
  b: Iterable<SequenceRange>,
): Generator<SequenceRange, void, undefined> => joined(cutOut(a, b));

function* cutOut(
  a: Iterable<SequenceRange>,
  b: Iterable<SequenceRange>,
): Generator<SequenceRange, void, undefined> {
  const cuts = b[Symbol.iterator]();
  let cut = cuts.next();
  for (const [from, to] of a) {
    let start = from;
    while (!cut.done && cut.value[0] <= to) {
      const [cutFrom, cutTo] = cut.value;
      if (cutFrom > start) yield [start, cutFrom - 1];
      start = Math.max(start, cutTo + 1);
      if (cutTo > to) break;
      cut = cuts.next();
    }
    if (start <= to) yield [start, to];
  }
}

/** Ranges that touch, as one. */
function* joined(ranges: Iterable<SequenceRange>): Generator<SequenceRange, void, undefined> {
  let last: SequenceRange | undefined;
  for (const range of ranges) {
    if (last && last[1] + 1 === range[0]) last = [last[0], range[1]];
    else {
      if (last) yield last;
      last = range;
    }
  }
  if (last) yield last;
}
