import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { LineWriter } from './line';
import { createPrivateFile } from './private-files';
import { segmentPath } from './segments';

/** A segment is followed by another one when it has grown to so many bytes. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Segments tried until one is not there yet. */
const MAX_TRIES = 100;

export interface JournalWriterOptions {
  readonly folder: string;
  /** Gives the number of the next segment; above all others. Several writers of a folder share it. */
  readonly nextSegment: () => number;
  /** default 8 MiB */
  readonly segmentBytes?: number;
}

/**
 * Appends to a journal: one `write` a line, which is with the operating system when `append` returns. A segment
 * that something went wrong with is never appended to again, and neither is one of an earlier process.
 */
export class JournalWriter {
  readonly #lines = new LineWriter();
  readonly #segmentBytes: number;
  #fd: number | undefined;
  #size = 0;

  constructor(private readonly options: JournalWriterOptions) {
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  }

  /**
   * Appends a text without line breaks. @returns the bytes it takes
   * @throws Error when it could not be written whole: then nothing of it counts
   */
  append(text: string): number {
    if (this.#fd === undefined || this.#size >= this.#segmentBytes) this.#open();
    const { bytes, length } = this.#lines.write(text);
    let written = 0;
    try {
      written = writeSync(this.#fd as number, bytes, 0, length);
    } finally {
      if (written < length) this.#giveUp();
    }
    if (written < length) throw new Error('the disk took only a part of a line');
    this.#size += length;
    return length;
  }

  /** What follows goes into a new segment. */
  close(): void {
    if (this.#fd === undefined) return;
    try {
      closeSync(this.#fd);
    } catch {
      // Every line was written by itself: there is nothing that closing could lose.
    }
    this.#fd = undefined;
  }

  #open(): void {
    this.close();
    for (let left = MAX_TRIES; ; left -= 1) {
      try {
        this.#fd = createPrivateFile(segmentPath(this.options.folder, this.options.nextSegment()));
        this.#size = 0;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || left === 0) throw error;
      }
    }
  }

  /** Takes back what a failed write left, if it can; a reader skips it otherwise. */
  #giveUp(): void {
    try {
      ftruncateSync(this.#fd as number, this.#size);
    } catch {
      // The part of a line stays at the end of its segment.
    }
    this.close();
  }
}
