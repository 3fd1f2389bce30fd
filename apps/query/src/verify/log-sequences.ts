import type { SequenceRange } from '@factflow/domain';

// Sequences come in the order of executions and records, however many recorders write at once: one that is dense in the
// end may be scattered until then. So each is a bit, in pages of which a recorder has those that it needs; a page that
// has filled up is a mark. Where all has arrived, a million events of a recorder take some kilobytes in whatever order.

const PAGE = 2048;
const WORDS = PAGE / 32;
const PAGES_PER_SLAB = 4096;
/** In place of a page: it is full. */
const FULL = -1;
const ALL_ONES = 0xffffffff;
/** Pages in all, 64 MiB. */
const MOST_PAGES = 250_000;
const MOST_SKIPPED = 1000;

/** Pages of bits, in few large pieces of memory. */
class BitPages {
  private readonly slabs: Uint32Array[] = [];
  private readonly counts: number[] = [];
  private readonly free: number[] = [];
  private made = 0;

  take(): number {
    const page = this.free.pop() ?? this.made++;
    if (page >= this.slabs.length * PAGES_PER_SLAB) this.slabs.push(new Uint32Array(PAGES_PER_SLAB * WORDS));
    for (let word = 0; word < WORDS; word += 1) this.setWord(page, word, 0);
    this.counts[page] = 0;
    return page;
  }

  give(page: number): void {
    this.free.push(page);
  }

  word(page: number, word: number): number {
    return this.slabOf(page)[(page % PAGES_PER_SLAB) * WORDS + word] as number;
  }

  /** @returns whether the page is full now */
  set(page: number, bit: number): boolean {
    const before = this.word(page, bit >> 5);
    const after = (before | (1 << (bit & 31))) >>> 0;
    if (after !== before) {
      this.setWord(page, bit >> 5, after);
      this.counts[page] = (this.counts[page] as number) + 1;
    }
    return this.counts[page] === PAGE;
  }

  private setWord(page: number, word: number, value: number): void {
    this.slabOf(page)[(page % PAGES_PER_SLAB) * WORDS + word] = value;
  }

  private slabOf(page: number): Uint32Array {
    return this.slabs[Math.floor(page / PAGES_PER_SLAB)] as Uint32Array;
  }
}

type PagesOfRecorder = Map<number, number>;

/** Which sequences of which recorders were seen in the log. What it holds is bounded whatever comes. */
export class LogSequences {
  private readonly bits = new BitPages();
  private readonly recorders = new Map<string, PagesOfRecorder>();
  private readonly unread: string[] = [];
  private pages = 0;
  private isFull = false;
  // Events that follow each other are mostly of one recorder.
  private lastId = '';
  private last: PagesOfRecorder | undefined;

  /** @param mostPages of {@link PAGE} sequences that are held; past it the rest is left out */
  constructor(private readonly mostPages = MOST_PAGES) {}

  /** Recorders that are held. */
  get ids(): string[] {
    return [...this.recorders.keys()];
  }

  /** Whether there was more than is held. */
  get isCut(): boolean {
    return this.isFull;
  }

  /** Executions of which not all events were seen; where they are too many to be remembered, nothing is whole. */
  get skipped(): readonly string[] {
    return this.unread;
  }

  /** Says that not all events of an execution are seen. */
  skip(executionId: string): void {
    if (this.unread.length < MOST_SKIPPED) this.unread.push(executionId);
  }

  /** Whether all is known that was seen of a recorder. */
  isWhole(recorderId: string): boolean {
    return this.unread.length < MOST_SKIPPED && (!this.isFull || this.recorders.has(recorderId));
  }

  /** Notes an event. @param sequence as PostgreSQL writes it; one that none can have counts as the nearest that could be */
  see(recorderId: string | null, sequence: string | null): void {
    if (recorderId === null || sequence === null) return;
    const pages = recorderId === this.lastId ? this.last : this.turnTo(recorderId);
    if (!pages) return;
    const number = Math.min(Math.max(Number(sequence), 0), Number.MAX_SAFE_INTEGER);
    const place = Math.floor(number / PAGE);
    let page = pages.get(place);
    if (page === FULL) return;
    if (page === undefined) {
      if (this.pages >= this.mostPages) return this.giveUp(recorderId, pages);
      page = this.bits.take();
      pages.set(place, page);
      this.pages += 1;
    }
    if (!this.bits.set(page, number - place * PAGE)) return;
    pages.set(place, FULL);
    this.bits.give(page);
  }

  /** The sequences of a recorder, in ascending order; ranges that touch may come apart. */
  *rangesOf(recorderId: string): Generator<SequenceRange, void, undefined> {
    const pages = this.recorders.get(recorderId);
    if (!pages) return;
    for (const place of [...pages.keys()].sort((a, b) => a - b)) {
      const page = pages.get(place) as number;
      const first = place * PAGE;
      if (page === FULL) yield [first, first + PAGE - 1];
      else yield* this.rangesOfPage(page, first);
    }
  }

  private *rangesOfPage(page: number, first: number): Generator<SequenceRange, void, undefined> {
    let from: number | undefined;
    for (let word = 0; word < WORDS; word += 1) {
      const bits = this.bits.word(page, word);
      if (bits === (from === undefined ? 0 : ALL_ONES)) continue;
      for (let bit = 0; bit < 32; bit += 1) {
        const at = first + word * 32 + bit;
        const isSet = (bits >>> bit) & 1;
        if (isSet) from ??= at;
        else if (from !== undefined) {
          yield [from, at - 1];
          from = undefined;
        }
      }
    }
    if (from !== undefined) yield [from, first + PAGE - 1];
  }

  private turnTo(recorderId: string): PagesOfRecorder | undefined {
    this.lastId = recorderId;
    this.last = this.recorders.get(recorderId);
    if (this.last || this.isFull) return this.last;
    this.last = new Map();
    this.recorders.set(recorderId, this.last);
    return this.last;
  }

  /** Leaves a recorder out, so that there is room for more of the others; new ones are left out from now on. */
  private giveUp(recorderId: string, pages: PagesOfRecorder): void {
    this.isFull = true;
    this.recorders.delete(recorderId);
    this.pages -= pages.size;
    for (const page of pages.values()) if (page !== FULL) this.bits.give(page);
    this.last = undefined;
  }
}
