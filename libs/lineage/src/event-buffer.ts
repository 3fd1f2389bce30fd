import type { OutgoingEvent } from './sink';

/** Slots freed at the front before the array is cut. */
const COMPACT_AT = 1024;

/** A queue of events, bounded by number and by bytes. An event stays until it is dropped: taking a batch leaves it in. */
export class EventBuffer {
  #events: OutgoingEvent[] = [];
  #head = 0;
  #bytes = 0;

  constructor(private readonly bounds: { readonly maxEvents: number; readonly maxBytes: number }) {}

  get length(): number {
    return this.#events.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest event. */
  get first(): OutgoingEvent | undefined {
    return this.#events[this.#head];
  }

  /** @returns false when the event does not fit */
  push(event: OutgoingEvent): boolean {
    if (this.length >= this.bounds.maxEvents || this.#bytes + event.bytes > this.bounds.maxBytes)
      return false;
    this.#events.push(event);
    this.#bytes += event.bytes;
    return true;
  }

  /** The oldest events that fit a batch, at least one if there is any. Line breaks between them count. */
  batch(maxEvents: number, maxBytes: number): OutgoingEvent[] {
    const end = Math.min(this.#events.length, this.#head + maxEvents);
    let bytes = 0;
    let last = this.#head;
    while (last < end) {
      bytes += (this.#events[last] as OutgoingEvent).bytes + 1;
      if (bytes > maxBytes && last > this.#head) break;
      last += 1;
    }
    return this.#events.slice(this.#head, last);
  }

  /** Removes the oldest `count` events. */
  drop(count: number): void {
    const end = Math.min(this.#events.length, this.#head + count);
    for (let index = this.#head; index < end; index += 1)
      this.#bytes -= (this.#events[index] as OutgoingEvent).bytes;
    this.#head = end;
    if (this.#head >= COMPACT_AT || this.length === 0) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Empties the buffer. @returns what was in it, oldest first */
  takeAll(): OutgoingEvent[] {
    const rest = this.#events.slice(this.#head);
    this.drop(rest.length);
    return rest;
  }
}
