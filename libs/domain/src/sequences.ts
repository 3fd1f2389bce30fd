/** Sequence numbers from the first to the last, both included. */
export type SequenceRange = readonly [from: number, to: number];

/** A set of sequence numbers: ranges in ascending order that neither overlap nor touch. */
export type Sequences = readonly SequenceRange[];

/** The set of all numbers of some ranges, in any order, overlapping or not. */
export function sequencesOf(ranges: readonly SequenceRange[]): Sequences {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = set.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else set.push([from, to]);
  }
  return set;
}

/** The numbers that are in any of the sets. */
export const unite = (...sets: readonly Sequences[]): Sequences => sequencesOf(sets.flat());

/** The numbers of `a` that are not in `b`. */
export function subtract(a: Sequences, b: Sequences): Sequences {
  const rest: SequenceRange[] = [];
  let next = 0;
  for (const [from, to] of a) {
    let start = from;
    while (next < b.length && (b[next] as SequenceRange)[1] < start) next += 1;
    for (let at = next; at < b.length; at += 1) {
      const [cutFrom, cutTo] = b[at] as SequenceRange;
      if (cutFrom > to) break;
      if (cutFrom > start) rest.push([start, cutFrom - 1]);
      start = cutTo + 1;
    }
    if (start <= to) rest.push([start, to]);
  }
  return rest;
}

/** How many numbers a set has. */
export const sizeOf = (set: Sequences): number => set.reduce((size, [from, to]) => size + to - from + 1, 0);

/** The last number of a set; 0 when it has none. */
export const lastOf = (set: Sequences): number => set.at(-1)?.[1] ?? 0;

/** Up to where a set has every number from 1 on; 0 when it has no 1. */
export const reachOf = ([first]: Sequences): number => (first?.[0] === 1 ? first[1] : 0);
