import { makeFolders } from '@factflow/journal';
import { closeSync, constants, openSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes that may wait for a write. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** How long a file that could not be opened is left alone. */
const REOPEN_AFTER_MS = 1000;
export const STDERR = 'stderr';
const STDERR_FD = 2;
/** Without waiting for somebody to read, where it is a pipe. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NONBLOCK ?? 0);

/** Lines on their way into the file, and how many events they are. */
interface Chunk {
  readonly text: string;
  readonly events: number;
}

/**
 * An append-only file of lines, or stderr. One write is under way at a time, in the thread pool; what comes meanwhile
 * waits in memory, up to 1 MiB. Beyond that a file is written to at once, on this thread; stderr may be a pipe nobody
 * reads, so there the lines are given up. Never throws: what could not be written is reported.
 */
export class LogFile {
  #fd: number | undefined;
  #failedAt = -Infinity;
  #lines: string[] = [];
  #bytes = 0;
  #writing: Chunk | undefined;
  #idle: (() => void)[] = [];

  /**
   * @param path a file (made, with its folders, at the first line; readable by its owner only) or `stderr`
   * @param onFailure told how many lines are not in the file, and why
   */
  constructor(
    readonly path: string,
    private readonly onFailure: (lines: number, reason: string) => void,
  ) {}

  append(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes > MAX_PENDING_BYTES) this.#overflow();
    else if (!this.#writing && this.#lines.length === 1) setImmediate(() => this.#writeNext());
  }

  /** Resolves when nothing waits any more. */
  settled(): Promise<void> {
    return this.#writing || this.#lines.length > 0
      ? new Promise((resolve) => this.#idle.push(resolve))
      : Promise.resolve();
  }

  /** Writes all that waits before it returns: the process is about to end. A write under way is done again, whole. */
  drainSync(): void {
    const again = this.#writing;
    this.#writing = undefined;
    // The line break separates from whatever part of the interrupted write made it.
    const rest = this.#take();
    const events = (again?.events ?? 0) + rest.events;
    if (events > 0) this.#writeSync((again ? `\n${again.text}` : '') + rest.text, events);
  }

  close(): void {
    if (this.#fd === undefined || this.#fd === STDERR_FD) return;
    try {
      closeSync(this.#fd);
    } catch {
      // Nothing more is written; the descriptor is gone either way.
    }
    this.#fd = undefined;
  }

  #overflow(): void {
    const chunk = this.#take();
    if (this.path === STDERR) this.onFailure(chunk.events, 'nobody reads stderr fast enough');
    else this.#writeSync(chunk.text, chunk.events);
  }

  #take(): Chunk {
    const chunk = { text: this.#lines.map((line) => `${line}\n`).join(''), events: this.#lines.length };
    this.#lines = [];
    this.#bytes = 0;
    return chunk;
  }

  /** What is appended in one go is written in one go. */
  #writeNext(): void {
    if (this.#writing) return;
    if (this.#lines.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const chunk = this.#take();
    this.#writing = chunk;
    const fd = this.#open();
    if (typeof fd === 'string') setImmediate(() => this.#wrote(chunk, fd));
    else this.#writeFrom(fd, Buffer.from(chunk.text), 0, chunk);
  }

  #writeFrom(fd: number, bytes: Buffer, offset: number, chunk: Chunk): void {
    write(fd, bytes, offset, (error, written) => {
      if (this.#writing !== chunk) return;
      if (error) this.#wrote(chunk, error.message);
      else if (offset + written < bytes.length) this.#writeFrom(fd, bytes, offset + written, chunk);
      else this.#wrote(chunk);
    });
  }

  #wrote(chunk: Chunk, problem?: string): void {
    if (this.#writing !== chunk) return;
    this.#writing = undefined;
    if (problem !== undefined) this.#failed(chunk.events, problem);
    this.#writeNext();
  }

  #writeSync(text: string, events: number): void {
    const fd = this.#open();
    if (typeof fd === 'string') return this.onFailure(events, fd);
    try {
      const bytes = Buffer.from(text);
      for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
    } catch (error) {
      this.#failed(events, messageOf(error));
    }
  }

  /** @returns the descriptor, or why there is none */
  #open(): number | string {
    if (this.path === STDERR) return STDERR_FD;
    if (this.#fd !== undefined) return this.#fd;
    if (performance.now() - this.#failedAt < REOPEN_AFTER_MS) return 'it could not be opened';
    try {
      makeFolders(dirname(this.path));
      this.#fd = openSync(this.path, APPEND, 0o600);
      return this.#fd;
    } catch (error) {
      this.#failedAt = performance.now();
      return messageOf(error);
    }
  }

  /** The next line opens the file anew: it may be back. */
  #failed(events: number, reason: string): void {
    this.close();
    this.onFailure(events, reason);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
