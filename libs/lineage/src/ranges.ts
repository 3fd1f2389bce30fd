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

  /** Mostly grows at the end: the search starts there. */
  add(sequence: number): void {
    let at = this.#ranges.length;
    while (at > 0 && (this.#ranges[at - 1] as SequenceRange)[0] > sequence) at -= 1;
    const before = this.#ranges[at - 1];
    if (before && sequence <= before[1]) return;
    if (before && before[1] + 1 === sequence) before[1] = sequence;
    else this.#ranges.splice(at++, 0, [sequence, sequence]);
    this.#join(at - 1);
    if (this.#ranges.length > MAX_RANGES) this.#merge(this.#ranges.length - 2);
  }

  addAll(ranges: Iterable<SequenceRange>): void {
    for (const [from, to] of ranges)
      for (let sequence = from; sequence <= to; sequence += 1) this.add(sequence);
  }

  /** Joins a range with the next one if they touch. */
  #join(index: number): void {
    const [range, next] = [this.#ranges[index], this.#ranges[index + 1]];
    if (range && next && range[1] + 1 >= next[0]) this.#merge(index);
  }

  #merge(index: number): void {
    const [, next] = this.#ranges.splice(index, 2, [
      (this.#ranges[index] as SequenceRange)[0],
      (this.#ranges[index + 1] as SequenceRange)[1],
    ]);
    if (!next) throw new RangeError('nothing to merge with');
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
