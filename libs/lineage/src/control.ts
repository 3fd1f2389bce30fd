import { MAX_RANGES, SequenceRanges, type SequenceRange } from './ranges';

// What the recorder's thread and the one that ships know of each other without a message: the event loop of the former
// may never turn again. Numbers larger than 32 bits are doubles with one writer each, and aligned ones are written whole.

/** Words both sides change, atomically. */
const WORDS = {
  asleep: 0,
  order: 1,
  segment: 2,
  disk: 3,
  hurry: 4,
  connected: 5,
  spool: 6,
  facts: 7,
  adoption: 8,
  ringSegment: 9,
  ringEnd: 10,
  adding: 11,
  mark: 12,
  noted: 13,
  safe: 14,
} as const;
/** Counts that the recorder's side keeps. */
const OURS = { produced: 0, sequence: 1, lost: 2, unlogged: 3, writtenBytes: 4, beat: 5, ranges: 6 } as const;
/** Counts that the shipping side keeps. */
const THEIRS = {
  settled: 8,
  acknowledged: 9,
  rejected: 10,
  givenUp: 11,
  unwritten: 12,
  appendedBytes: 13,
  removedBytes: 14,
  adopted: 15,
  damaged: 16,
  answered: 17,
  givenUpRanges: 18,
  told: 19,
} as const;
const COUNTS = { ...OURS, ...THEIRS };
const WORD_BYTES = 64;
/** Numbers of segments that are set aside at once for what is in the ring. */
const RING_SEGMENTS = 1_000;
/** Where the ranges of sequences stand that the recorder's side lost, and behind them those that the shipping side gave up. */
const LOST_AT = 24;
const GIVEN_UP_AT = LOST_AT + 2 * MAX_RANGES;

type Word = keyof typeof WORDS;
export type Count = keyof typeof COUNTS;

/** Whether the disk takes facts: `slow` and `failing` and `full` are tried again by the shipping side. */
export const DISK = { fine: 0, slow: 1, failing: 2, full: 3 } as const;
/** The journal's files: where they were; `gone` for good with their folder; or `cut`, which calls for a new segment. */
export const SPOOL = { there: 0, gone: 1, cut: 2 } as const;
/** Whether there is something of dead processes to ship: not looked for yet, being shipped, or nothing any more. */
export const ADOPTION = { unknown: 0, shipping: 1, done: 2 } as const;
/** What the recorder's side wants done: a last heartbeat; or, for good, events given up at the end of the process, or the recorder closed. */
export const ORDER = { none: 0, giveUp: 1, close: 2, done: 3, goodbye: 4 } as const;

/** See `Control.taken`. */
export interface Taken {
  readonly produced: number;
  readonly writtenBytes: number;
  readonly sequence: number;
}

export class Control {
  readonly #words: Int32Array;
  readonly #counts: Float64Array;

  constructor(
    readonly buffer = new SharedArrayBuffer(
      WORD_BYTES + (GIVEN_UP_AT + 2 * MAX_RANGES) * Float64Array.BYTES_PER_ELEMENT,
    ),
  ) {
    this.#words = new Int32Array(buffer, 0, WORD_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#counts = new Float64Array(buffer, WORD_BYTES);
  }

  word(name: Word): number {
    return Atomics.load(this.#words, WORDS[name]);
  }

  setWord(name: Word, value: number): void {
    Atomics.store(this.#words, WORDS[name], value);
  }

  get(name: Count): number {
    return this.#counts[COUNTS[name]] as number;
  }

  set(name: Count, value: number): void {
    this.#counts[COUNTS[name]] = value;
  }

  add(name: Count, value: number): void {
    (this.#counts[COUNTS[name]] as number) += value;
  }

  // What follows happens for every fact: a count looked up by a name that varies costs several times as much.

  /** A fact of this sequence was made. */
  made(sequence: number): void {
    this.#counts[OURS.sequence] = sequence;
  }

  /** One more fact was taken in. */
  took(): void {
    (this.#counts[OURS.produced] as number) += 1;
  }

  /** So many bytes were appended to the journal by the recorder's side. */
  wrote(bytes: number): void {
    (this.#counts[OURS.writtenBytes] as number) += bytes;
  }

  /** The number of the journal's next segment. */
  nextSegment(): number {
    return Atomics.add(this.#words, WORDS.segment, 1) + 1;
  }

  /** Sets numbers of segments aside for what goes into the ring, which is empty: before those of all that is appended later. */
  reserveForRing(): void {
    const before = Atomics.add(this.#words, WORDS.segment, RING_SEGMENTS);
    this.setWord('ringSegment', before);
    this.setWord('ringEnd', before + RING_SEGMENTS);
  }

  get hasRingSegments(): boolean {
    return this.word('ringSegment') < this.word('ringEnd');
  }

  /** The number of the next segment for what is in the ring. @throws Error when none is left */
  nextRingSegment(): number {
    if (!this.hasRingSegments) throw new Error('no number is left for a segment');
    return Atomics.add(this.#words, WORDS.ringSegment, 1) + 1;
  }

  /** Whether the file beside the journal says that there may be facts in memory only. */
  get isMarked(): boolean {
    return this.word('mark') !== this.word('safe');
  }

  /** Events taken in that are neither answered nor given up. */
  get queued(): number {
    return Math.max(0, this.get('produced') - this.get('settled'));
  }

  /** Bytes of the spool that are not answered. */
  get spoolBytes(): number {
    const counts = this.#counts;
    const written = (counts[OURS.writtenBytes] as number) + (counts[THEIRS.appendedBytes] as number);
    return written - (counts[THEIRS.removedBytes] as number);
  }

  /** Tells the shipping side of the newest lost range. @param count of all ranges */
  publishRange(count: number, [from, to]: SequenceRange): void {
    this.#counts.set([from, to], LOST_AT + 2 * (count - 1));
    this.set('ranges', count);
  }

  /** What the recorder's side lost. */
  lostRanges(): SequenceRange[] {
    return this.#rangesAt(LOST_AT, this.get('ranges'));
  }

  /** Tells the recorder's side, and whatever thread follows this one, of all that was given up. */
  publishGivenUp(ranges: readonly SequenceRange[]): void {
    this.#counts.set(ranges.flat(), GIVEN_UP_AT);
    this.set('givenUpRanges', ranges.length);
  }

  /** What the shipping side gave up. */
  givenUpRanges(): SequenceRange[] {
    return this.#rangesAt(GIVEN_UP_AT, this.get('givenUpRanges'));
  }

  /** Lost or rejected events that are not in the structured log. */
  get allUnlogged(): number {
    return this.get('unlogged') + this.get('unwritten');
  }

  /** Events that were given up on either side: how many, and their sequences. */
  get allLost(): number {
    return this.get('lost') + this.get('givenUp');
  }

  allLostRanges(): SequenceRange[] {
    const all = new SequenceRanges();
    all.addAll(this.lostRanges());
    all.addAll(this.givenUpRanges());
    return all.toArray();
  }

  #rangesAt(start: number, length: number): SequenceRange[] {
    return Array.from({ length }, (_, n) => [
      this.#counts[start + 2 * n] as number,
      this.#counts[start + 2 * n + 1] as number,
    ]);
  }

  /**
   * What the recorder's side is done with at one moment: how many facts it took in, how many bytes of them it appended, and the
   * sequence of the last fact that was taken in or lost. The one after it may be under way.
   */
  taken(): Taken {
    for (;;) {
      const lost = this.get('lost');
      const writtenBytes = this.get('writtenBytes');
      const produced = this.get('produced');
      // Nothing was lost in between: so the two belong together.
      if (lost === this.get('lost')) return { produced, writtenBytes, sequence: produced + lost };
    }
  }

  /** Says that there is something new, and wakes the other side if it sleeps. */
  wake(): void {
    Atomics.add(this.#words, WORDS.facts, 1);
    if (Atomics.load(this.#words, WORDS.asleep) === 0) return;
    Atomics.store(this.#words, WORDS.asleep, 0);
    Atomics.notify(this.#words, WORDS.asleep);
  }

  /**
   * Resolves when the other side wakes this one, or after so many milliseconds.
   * @param isBusy asked once it cannot be missed: true goes on at once
   */
  async sleep(timeoutMs: number, isBusy: () => boolean): Promise<void> {
    Atomics.store(this.#words, WORDS.asleep, 1);
    if (isBusy()) return;
    const waiting = Atomics.waitAsync(this.#words, WORDS.asleep, 1, timeoutMs);
    if (waiting.async) await waiting.value;
  }

  /** Has something done, and blocks until it is. @returns whether it was done in time */
  orderAndWait(order: number, timeoutMs: number): boolean {
    this.setWord('order', order);
    this.wake();
    Atomics.wait(this.#words, WORDS.order, order, timeoutMs);
    return this.word('order') === ORDER.done;
  }

  orderIsDone(): void {
    this.setWord('order', ORDER.done);
    Atomics.notify(this.#words, WORDS.order);
  }
}
