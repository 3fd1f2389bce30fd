import { closeSync, readSync } from 'node:fs';
import { MAX_LINE_BYTES, partsOf, readLine } from './line';
import { NOT_OWN, openPrivateFile } from './private-files';

/** Read at once; a line may be longer. */
const CHUNK_BYTES = 256 * 1024;
/** Used again and again: reading waits for nothing, and leaves nothing in it. */
let chunk: Buffer | undefined;
const BREAK = 0x0a;
/** The reason of a fault where something that was written is not as it was. */
export const DAMAGED = 'damaged';

/** A part of a journal that could not be read. */
export interface JournalFault {
  readonly file: string;
  /** of its first byte */
  readonly offset: number;
  readonly bytes: number;
  /** `torn`: a last line without its end; `damaged`: not as it was written; `unreadable`: what the system says */
  readonly reason: string;
}

/** How much is wanted of what comes next: so many lines and bytes of text, but one line at least. */
export interface Budget {
  readonly maxLines: number;
  readonly maxBytes: number;
}

/** A line that was read. */
export interface SegmentLine {
  readonly text: string;
  /** bytes of the text */
  readonly bytes: number;
  /** where the next line begins */
  readonly end: number;
}

export interface SegmentPart {
  readonly lines: readonly SegmentLine[];
  /** where reading stopped: behind the last line and the faults after it */
  readonly end: number;
  /** whether that was because there is no more to read */
  readonly exhausted: boolean;
}

/** Files that hold nothing of ours: gone, or links and files laid there by somebody else. */
const NOT_OURS = new Set(['ENOENT', 'ELOOP', NOT_OWN]);

/**
 * Reads whole lines of a segment from an offset on. What is damaged is told of and skipped; nothing here throws. A file
 * of ours that cannot be read now is not exhausted: it may be readable later.
 * @param finished whether nobody appends any more: then a last line without its end is a fault, not yet to come
 */
export function readSegment(
  path: string,
  offset: number,
  budget: Budget,
  { finished, onFault }: { finished: boolean; onFault: (fault: JournalFault) => void },
): SegmentPart {
  const scan = new Scan(path, offset, budget, onFault);
  let fd: number;
  try {
    fd = openPrivateFile(path);
  } catch (error) {
    return scan.unreadable(error);
  }
  try {
    return scan.run(fd, finished);
  } catch (error) {
    return scan.unreadable(error);
  } finally {
    closeSync(fd);
  }
}

class Scan {
  readonly #lines: SegmentLine[] = [];
  #bytes = 0;
  #full = false;
  /** read, and not yet divided into lines */
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: string,
    private offset: number,
    private readonly budget: Budget,
    private readonly onFault: (fault: JournalFault) => void,
  ) {}

  run(fd: number, finished: boolean): SegmentPart {
    for (;;) {
      const begun = this.#rest.length;
      const room = this.#makeRoom();
      const read = readSync(fd, room, begun, room.length - begun, this.offset + begun);
      if (read === 0) break;
      this.#rest = room.subarray(0, begun + read);
      this.#divide();
      if (this.#full) return this.#part(false);
      if (this.#rest.length > MAX_LINE_BYTES) this.#skipLine(fd);
    }
    if (finished) this.#tail();
    return this.#part(!this.#full);
  }

  /** Memory that begins with what is left of the last chunk, and has room for another one. */
  #makeRoom(): Buffer {
    chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const begun = this.#rest.length;
    const room = begun < CHUNK_BYTES ? chunk : Buffer.allocUnsafeSlow(begun * 2);
    this.#rest.copy(room);
    this.#rest = room.subarray(0, begun);
    return room;
  }

  /** Skips what is longer than any line, to the next line break or the end of the file, without keeping it. */
  #skipLine(fd: number): void {
    chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let bytes = this.#rest.length;
    this.#rest = Buffer.alloc(0);
    for (let found = -1; found < 0;) {
      const read = readSync(fd, chunk, 0, CHUNK_BYTES, this.offset + bytes);
      if (read === 0) break;
      found = chunk.subarray(0, read).indexOf(BREAK);
      bytes += found < 0 ? read : found + 1;
    }
    this.#fault(bytes, DAMAGED);
  }

  unreadable(error: unknown): SegmentPart {
    const { code, message } = error as NodeJS.ErrnoException;
    this.onFault({ file: this.file, offset: this.offset, bytes: 0, reason: `unreadable: ${message}` });
    return this.#part(NOT_OURS.has(code ?? ''));
  }

  #part(exhausted: boolean): SegmentPart {
    return { lines: this.#lines, end: this.offset, exhausted };
  }

  #divide(): void {
    for (let end = this.#rest.indexOf(BREAK); end >= 0 && !this.#full; end = this.#rest.indexOf(BREAK))
      this.#takeLine(this.#rest.subarray(0, end), 1, DAMAGED);
  }

  /** The end of a finished segment: a line whose line break is missing, or a part of one. */
  #tail(): void {
    if (this.#rest.length > 0 && !this.#full) this.#takeLine(this.#rest, 0, 'torn');
  }

  /** Takes what can be read of a line that so many more bytes end, as far as the budget reaches. */
  #takeLine(line: Buffer, breakBytes: number, reason: string): void {
    const whole = readLine(line);
    if (whole !== undefined) return this.#take(whole, line.length + breakBytes);
    let left = line.length;
    for (const { text, length } of partsOf(line)) {
      left -= length;
      const bytes = left === 0 ? length + breakBytes : length;
      if (text === undefined) this.#fault(bytes, reason);
      else this.#take(text, bytes);
      if (this.#full) return;
    }
  }

  /** @param length with the line break */
  #take(text: string, length: number): void {
    const bytes = length - 1;
    if (this.#lines.length > 0 && this.#bytes + bytes > this.budget.maxBytes) {
      this.#full = true;
      return;
    }
    this.#skip(length);
    this.#bytes += bytes;
    this.#lines.push({ text, bytes, end: this.offset });
    this.#full = this.#lines.length >= this.budget.maxLines;
  }

  #fault(bytes: number, reason: string): void {
    this.onFault({ file: this.file, offset: this.offset, bytes, reason });
    this.#skip(bytes);
  }

  #skip(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    this.offset += bytes;
  }
}
