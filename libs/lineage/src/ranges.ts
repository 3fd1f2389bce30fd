/** Ranges kept apart before neighbours are merged. */
export const MAX_RANGES = 1000;

/** An inclusive range of sequence numbers. */
export type SequenceRange = readonly [from: number, to: number];

/**
 * A set of sequence numbers as ranges. Bounded: past 1,000 ranges the two newest are merged, the gap between them
 * included, so that a range never hides a lost event.
 */
export class SequenceRanges {
  readonly #ranges: [number, number][] = [];

  add(sequence: number): void {
    this.#addRange(sequence, sequence);
  }

  addAll(ranges: Iterable<SequenceRange>): void {
    for (const [from, to] of ranges) this.#addRange(from, to);
  }

  /** What overlaps or touches the new range becomes one with it. Mostly grows at the end: the search starts there. */
  #addRange(from: number, to: number): void {
    const ranges = this.#ranges;
    let end = ranges.length;
    while (end > 0 && (ranges[end - 1] as SequenceRange)[0] > to + 1) end -= 1;
    let start = end;
    while (start > 0 && (ranges[start - 1] as SequenceRange)[1] + 1 >= from) start -= 1;
    const first = ranges[start];
    const last = ranges[end - 1];
    if (start < end && first && last)
      ranges.splice(start, end - start, [Math.min(from, first[0]), Math.max(to, last[1])]);
    else ranges.splice(start, 0, [from, to]);
    if (ranges.length > MAX_RANGES) this.#mergeNewest();
  }

  #mergeNewest(): void {
    const [before, newest] = this.#ranges.splice(-2);
    if (before && newest) this.#ranges.push([before[0], newest[1]]);
  }

  get length(): number {
    return this.#ranges.length;
  }

  /** The one with the highest numbers. */
  get last(): SequenceRange | undefined {
    return this.#ranges.at(-1);
  }

  /** Ascending, apart from each other. */
  toArray(): SequenceRange[] {
    return this.#ranges.map(([from, to]) => [from, to]);
  }
}
