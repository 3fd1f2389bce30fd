import { JournalWriter, type RecorderInfo } from '@factflow/journal';
import type { Intake, Queue } from './backlog';
import { DISK, SPOOL, type Control } from './control';
import { MemoryMarker } from './memory-only';
import { makeSpoolFolder } from './spool-folder';

// The recorder's on-disk journal as the recorder's own thread sees it. It is always in one of these modes:
//
//   open      nothing was recorded yet, and nothing is on disk        → shipping, with the first fact; none, if its folder cannot be made
//   shipping  every fact is appended here, by one write, before the call returns
//               the write failed      the fact goes into the ring     → backing off
//               it took over 50 ms    the fact is on disk             → backing off, if the one before did as well: a slow append
//                                     after a fast one tells of a thread that had to wait for its core, not of the disk
//               the bound is reached  the fact goes into the ring     → full
//   backing off, full
//             facts go into the ring, from where the shipping side appends them, in segments of its own, as well as the
//             disk takes them; what a full disk does not take it ships from there
//               the ring is empty, and the disk was fast or has room again                            → shipping, in a new segment
//               the ring is full, and the disk was no worse than slow: the shipping side does not keep up, or the disk does not,
//               which is found out once a second at most              → shipping, in a new segment, ahead of the ring
//   draining  the recorder flushes or closes: facts are taken as before
//   closed    for good
//   none      there is no spool: facts go into the ring, and are shipped from there
//
// So that the order of facts is kept, segments are read by their number, and those for what is in the ring are numbered when the
// first fact goes into it. Once something was appended ahead of the ring nothing more goes into it until it is empty.

/** Two appends in a row that take longer make facts go another way. */
const SLOW_MS = 50;
/** How long it takes until something is appended ahead of the ring again where the disk was no good. */
const RETRY_MS = 1_000;

export type SpoolMode = 'open' | 'shipping' | 'backing off' | 'full' | 'closed' | 'none';

export interface SpoolOptions {
  /** the folder of this recorder's service and endpoint */
  readonly shared: string;
  /** the folder of this recorder, inside it */
  readonly folder: string;
  readonly maxBytes: number;
  readonly info: RecorderInfo;
  /** milliseconds that only ever grow. Default: since the process started */
  readonly now?: () => number;
}

/** What the spool tells. Nothing here throws. */
export interface SpoolEvents {
  /** there is no spool, and there will be none */
  unusable(reason: string): void;
  /** facts go into memory for now */
  detour(mode: 'backing off' | 'full', reason: string): void;
}

export class Spool implements Intake {
  #mode: SpoolMode = 'open';
  readonly #journal: JournalWriter;
  readonly #memory: MemoryMarker;
  readonly #now: () => number;
  /** whether the last append was a slow one */
  #wasSlow = false;
  /** whether something was appended since a fact went into the ring */
  #isAhead = true;
  #overtakeAt = -Infinity;

  constructor(
    private readonly options: SpoolOptions,
    private readonly ring: Queue,
    private readonly control: Control,
    private readonly events: SpoolEvents,
  ) {
    this.#journal = new JournalWriter({ folder: options.folder, nextSegment: () => control.nextSegment() });
    this.#memory = new MemoryMarker(options.folder, control);
    this.#now = options.now ?? (() => performance.now());
  }

  get mode(): SpoolMode {
    return this.#mode;
  }

  push(line: string): boolean {
    if (this.control.word('spool') !== SPOOL.there) this.#vanished();
    if (this.#mode !== 'shipping' && !this.#return()) {
      if (this.#mode === 'none' || this.#mode === 'closed') return this.ring.push(line);
      if (this.#setAside(line)) return true;
      if (!this.#overtake()) return false;
      this.#memory.added();
    }
    const before = this.#now();
    try {
      if (this.control.spoolBytes + line.length > this.options.maxBytes) {
        this.#detour('full', DISK.full, `it holds ${this.options.maxBytes.toLocaleString('en')} bytes`);
        return this.#setAside(line);
      }
      this.control.wrote(this.#journal.append(line));
    } catch (error) {
      this.#detour('backing off', DISK.failing, error instanceof Error ? error.message : String(error));
      return this.#setAside(line);
    }
    this.#isAhead = true;
    this.#appended(this.#now() - before);
    return true;
  }

  /**
   * Puts a fact into the ring, if there is room for it, and nothing newer is on disk already than what is in there. Otherwise it
   * stays `adding` until it is counted as lost.
   */
  #setAside(line: string): boolean {
    this.#memory.adding();
    if (this.ring.length === 0) {
      if (this.#isAhead || !this.control.hasRingSegments) this.control.reserveForRing();
      this.#isAhead = false;
    }
    if (this.#isAhead || !this.ring.push(line)) return false;
    this.#memory.added();
    return true;
  }

  /** @returns whether facts are appended here again, ahead of what is in the ring */
  #overtake(): boolean {
    const disk = this.control.word('disk');
    if (disk === DISK.failing || disk === DISK.full || this.#now() < this.#overtakeAt) return false;
    this.#mode = 'shipping';
    return true;
  }

  #appended(tookMs: number): void {
    const isSlow = tookMs > SLOW_MS;
    if (isSlow && this.#wasSlow)
      return this.#detour(
        'backing off',
        DISK.slow,
        `one append after the other is slow, the last took ${tookMs.toFixed(0)} ms`,
      );
    this.#wasSlow = isSlow;
  }

  /** Makes the folder if nothing was recorded yet. @returns whether there is one */
  open(): boolean {
    if (this.#mode === 'open') return this.#open();
    return this.#mode !== 'none' && this.#mode !== 'closed';
  }

  /** What is recorded later goes elsewhere. */
  close(): void {
    this.#mode = 'closed';
    this.#journal.close();
    this.#memory.close();
  }

  /** @returns whether facts are appended here again */
  #return(): boolean {
    if (this.#mode === 'open') return this.#open();
    if (this.#mode === 'none' || this.#mode === 'closed') return false;
    if (this.ring.length > 0 || this.control.word('disk') !== DISK.fine) return false;
    this.#mode = 'shipping';
    return true;
  }

  /** The shipping side found that the folder, or what is in it, was taken away: what is appended to its file now, nobody may read. */
  #vanished(): void {
    if (this.#mode === 'none' || this.#mode === 'closed') return;
    this.#journal.close();
    if (this.control.word('spool') === SPOOL.cut) return this.control.setWord('spool', SPOOL.there);
    this.#mode = 'none';
    this.events.unusable('its folder is gone');
  }

  #open(): boolean {
    const { shared, folder, info } = this.options;
    try {
      makeSpoolFolder(shared, folder, info);
      this.#mode = 'shipping';
      return true;
    } catch (error) {
      this.#mode = 'none';
      this.control.setWord('spool', SPOOL.gone);
      this.events.unusable(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #detour(mode: 'backing off' | 'full', disk: number, reason: string): void {
    this.#mode = mode;
    this.#wasSlow = false;
    if (this.ring.length > 0) this.#overtakeAt = this.#now() + RETRY_MS;
    this.#journal.close();
    this.control.setWord('disk', disk);
    this.events.detour(mode, reason);
  }
}
