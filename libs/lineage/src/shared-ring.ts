import { toOutgoing, type Queue } from './backlog';
import type { OutgoingEvent } from './sink';

const HEAD = 0;
const TAIL = 1;
const USED = 2;
const EVENTS = 3;
const BYTES = 4;
const HEADER_BYTES = 64;
const WORD = 4;
/** In the place of a length: the next line begins at the start of the memory. */
const WRAP = -1;
/** Memory beyond the bound, so that what counts is the bound and not how lines happen to lie. */
const SLACK_BYTES = 1024 * 1024;

export interface RingBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * Lines in memory that two threads share: one puts them in at the end, the other takes them from the front. It has its
 * full size from the start (the system gives pages when they are first touched), so that it cannot grow.
 */
export class SharedRing implements Queue {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #capacity: number;

  constructor(
    private readonly bounds: RingBounds,
    readonly buffer = new SharedArrayBuffer(
      HEADER_BYTES + SLACK_BYTES + Math.ceil(bounds.maxBytes / WORD) * WORD,
    ),
  ) {
    this.#words = new Int32Array(buffer);
    this.#bytes = Buffer.from(buffer, HEADER_BYTES);
    this.#capacity = buffer.byteLength - HEADER_BYTES;
  }

  get length(): number {
    return Atomics.load(this.#words, EVENTS);
  }

  get bytes(): number {
    return Atomics.load(this.#words, BYTES);
  }

  push(line: string): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.length >= this.bounds.maxEvents || this.bytes + bytes > this.bounds.maxBytes) return false;
    const needed = sizeOf(bytes);
    let tail = this.#words[TAIL] as number;
    const left = this.#capacity - tail;
    const skipped = needed > left ? left : 0;
    if (Atomics.load(this.#words, USED) + needed + skipped > this.#capacity) return false;
    if (skipped > 0) this.#setLength(tail, WRAP);
    if (needed > left) tail = 0;
    this.#setLength(tail, bytes);
    this.#bytes.write(line, tail + WORD);
    this.#words[TAIL] = tail + needed;
    Atomics.add(this.#words, USED, needed + skipped);
    Atomics.add(this.#words, BYTES, bytes);
    Atomics.add(this.#words, EVENTS, 1);
    return true;
  }

  batch(maxEvents: number, maxBytes: number): OutgoingEvent[] {
    const events: OutgoingEvent[] = [];
    const count = Math.min(maxEvents, this.length);
    let at = this.#words[HEAD] as number;
    let total = 0;
    while (events.length < count) {
      at = this.#begin(at);
      const bytes = this.#lengthAt(at);
      total += bytes + 1;
      if (total > maxBytes && events.length > 0) break;
      events.push(toOutgoing(this.#bytes.toString('utf8', at + WORD, at + WORD + bytes), bytes));
      at += sizeOf(bytes);
    }
    return events;
  }

  drop(count: number): void {
    let at = this.#words[HEAD] as number;
    let [used, bytes] = [0, 0];
    for (let dropped = 0; dropped < count; dropped += 1) {
      const begin = this.#begin(at);
      if (begin !== at) used += this.#capacity - at;
      const length = this.#lengthAt(begin);
      at = begin + sizeOf(length);
      used += sizeOf(length);
      bytes += length;
    }
    this.#words[HEAD] = at;
    Atomics.sub(this.#words, EVENTS, count);
    Atomics.sub(this.#words, BYTES, bytes);
    Atomics.sub(this.#words, USED, used);
  }

  /** Where the line after one that ends here begins. */
  #begin(at: number): number {
    return at >= this.#capacity || this.#lengthAt(at) === WRAP ? 0 : at;
  }

  #lengthAt(at: number): number {
    return this.#words[(HEADER_BYTES + at) / WORD] as number;
  }

  #setLength(at: number, length: number): void {
    this.#words[(HEADER_BYTES + at) / WORD] = length;
  }
}

/** Lengths stand at whole words. */
const sizeOf = (bytes: number): number => WORD + Math.ceil(bytes / WORD) * WORD;
