import { JournalReader, JournalWriter, type JournalFault, type JournalLine } from '@factflow/journal';
import { existsSync } from 'node:fs';
import { toOutgoing, type Backlog, type Queue } from './backlog';
import { DISK, SPOOL, type Control, type Taken } from './control';
import { GivenUp } from './given-up';
import { MemoryNotes } from './memory-only';
import type { OutgoingEvent } from './sink';

/** As long as it is slow, the disk is tried with so many lines at once. */
const DRAIN_LINES = 500;
const DRAIN_BYTES = 1024 * 1024;
/** An append that takes longer is a slow one. */
const SLOW_MS = 50;
/** How long a disk that takes nothing is left alone. */
const RETRY_MS = 1_000;

export interface SpoolBacklogOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly onFault: (fault: JournalFault) => void;
}

/** The spool as the shipping side sees it: what is in the journal, then what is in the ring. */
export class SpoolBacklog implements Backlog {
  readonly #reader: JournalReader;
  readonly #journal: JournalWriter;
  readonly #notes: MemoryNotes;
  #shown: readonly JournalLine[] = [];
  /** what the last batch held, wherever it was found */
  #batch: readonly OutgoingEvent[] = [];
  #shownOfRing = 0;
  #retryAt = 0;

  constructor(
    private readonly options: SpoolBacklogOptions,
    private readonly ring: Queue,
    private readonly control: Control,
    private readonly givenUp: GivenUp = new GivenUp(control),
  ) {
    const { folder, onFault } = options;
    // What is in the ring goes before what the recorder appended since, which it did only after that had gone into the ring.
    const upTo = (): number => (ring.length > 0 ? control.word('ringEnd') : Infinity);
    this.#reader = new JournalReader({ folder, live: true, onFault, upTo });
    this.#journal = new JournalWriter({ folder, nextSegment: () => control.nextRingSegment() });
    this.#notes = new MemoryNotes(folder, control);
  }

  get length(): number {
    return this.control.queued;
  }

  get bytes(): number {
    return this.control.spoolBytes + this.ring.bytes;
  }

  batch(maxEvents: number, maxBytes: number): OutgoingEvent[] {
    // In this order: as long as there is something in the ring, nothing newer of the journal is shown.
    const taken = this.control.taken();
    const inRing = this.ring.length;
    [this.#shown, this.#shownOfRing] = [this.#reader.peek({ maxLines: maxEvents, maxBytes }), 0];
    this.#batch = this.#shown.map(({ text, bytes }) => toOutgoing(text, bytes));
    if (this.#batch.length > 0 || this.#reader.blocked) return [...this.#batch];
    if (inRing > 0) {
      this.#notes.shipping();
      const events = this.ring.batch(maxEvents, maxBytes);
      [this.#batch, this.#shownOfRing] = [events, events.length];
      return events;
    }
    this.#foundNothing(taken);
    return [];
  }

  /** What was taken in before, was not answered, and is in neither place is gone: damaged, or its file was removed. */
  #foundNothing({ produced, writtenBytes, sequence }: Taken): void {
    const { control } = this;
    const bytes = writtenBytes + control.get('appendedBytes');
    control.set('removedBytes', Math.max(bytes, control.get('removedBytes')));
    const missing = produced - control.get('settled');
    if (missing <= 0) return;
    this.givenUp.upTo(sequence);
    this.#gone(missing);
    // What is appended to a file that was removed or cut nobody may ever read.
    control.setWord('spool', existsSync(this.options.folder) ? SPOOL.cut : SPOOL.gone);
    this.#journal.close();
  }

  #gone(events: number): void {
    for (const count of ['settled', 'givenUp', 'unwritten'] as const) this.control.add(count, events);
    const { folder: file, onFault } = this.options;
    onFault({ file, offset: 0, bytes: 0, reason: `${events} events are gone` });
  }

  /** @throws Error when the checkpoint cannot be written: the events are dropped all the same */
  drop(count: number): void {
    const gone = this.givenUp.answered(this.#batch.slice(0, count));
    if (gone > 0) this.#gone(gone);
    if (this.#shownOfRing > 0) {
      this.ring.drop(count);
      this.#shownOfRing = 0;
      return;
    }
    const last = this.#shown[count - 1];
    const removed = this.#shown.slice(0, count).reduce((sum, { bytes }) => sum + bytes + 1, 0);
    this.#shown = [];
    this.control.add('removedBytes', removed);
    if (last) this.#reader.accept(last.end, this.#batch[count - 1]?.sequence);
  }

  /** Appends to the journal what the recorder put into the ring, as well as the disk takes it. */
  drainRing(now = performance.now()): void {
    if (this.control.word('spool') === SPOOL.gone || this.#shownOfRing > 0 || this.ring.length === 0) return;
    if (this.control.word('disk') >= DISK.failing && now < this.#retryAt) return;
    let disk: number = DISK.fine;
    while (this.ring.length > 0 && disk !== DISK.failing && disk !== DISK.full) disk = this.#drainSome();
    if (disk === DISK.failing || disk === DISK.full) this.#retryAt = performance.now() + RETRY_MS;
    this.control.setWord('disk', disk);
  }

  /** Has the disk tried again, whatever it did before, and whatever is being shipped from the ring. */
  retryNow(): void {
    [this.#retryAt, this.#shownOfRing] = [0, 0];
  }

  /** Notes that nothing is in memory only, if so. @param isWritten whether what was lost is written down */
  noteEmpty(isWritten: () => boolean): void {
    this.#notes.empty(() => this.ring.length === 0 && isWritten());
  }

  close(): void {
    this.#journal.close();
    this.#notes.close();
  }

  #drainSome(): number {
    let done = 0;
    let disk: number = DISK.fine;
    try {
      for (const { line, bytes } of this.ring.batch(DRAIN_LINES, DRAIN_BYTES)) {
        if (this.control.spoolBytes + bytes > this.options.maxBytes) {
          disk = DISK.full;
          break;
        }
        const before = performance.now();
        this.control.add('appendedBytes', this.#journal.append(line));
        if (performance.now() - before > SLOW_MS) disk = DISK.slow;
        done += 1;
      }
    } catch {
      disk = DISK.failing;
    }
    // An empty ring lets the recorder append again: what comes through the ring after that belongs behind it.
    if (done >= this.ring.length) this.#journal.close();
    this.ring.drop(done);
    return disk;
  }
}

/** What a dead process left. */
export class LeftBacklog implements Backlog {
  readonly #reader: JournalReader;
  #next: readonly JournalLine[] = [];

  constructor(
    folder: string,
    onFault: (fault: JournalFault) => void,
    private readonly bounds: { readonly maxEvents: number; readonly maxBytes: number },
  ) {
    this.#reader = new JournalReader({ folder, onFault });
    this.#peek();
  }

  /** whether something damaged is left behind all that could be read */
  get endsDamaged(): boolean {
    return this.#reader.endsDamaged;
  }

  /** of those that are read ahead */
  get length(): number {
    return this.#next.length;
  }

  get bytes(): number {
    return this.#next.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** whether something is left that cannot be read now */
  get blocked(): boolean {
    return this.#reader.blocked;
  }

  batch(maxEvents: number, maxBytes: number): OutgoingEvent[] {
    const events: OutgoingEvent[] = [];
    let total = 0;
    for (const { text, bytes } of this.#next.slice(0, maxEvents)) {
      total += bytes + 1;
      if (total > maxBytes && events.length > 0) break;
      events.push(toOutgoing(text, bytes));
    }
    return events;
  }

  /** @throws Error when the checkpoint cannot be written: the events are dropped all the same */
  drop(count: number): void {
    const last = this.#next[count - 1];
    try {
      if (last) this.#reader.accept(last.end, toOutgoing(last.text, last.bytes).sequence);
    } finally {
      this.#peek();
    }
  }

  #peek(): void {
    this.#next = this.#reader.peek({ maxLines: this.bounds.maxEvents, maxBytes: this.bounds.maxBytes });
  }
}
