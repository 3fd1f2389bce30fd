import { toOutgoing, type Queue } from './backlog';
import type { RingBounds } from './shared-ring';
import type { OutgoingEvent } from './sink';

/** Slots freed at the front before the array is cut. */
const COMPACT_AT = 1024;

/** Events in the memory of one thread, for a sink that lives there; bounded by number and by bytes. */
export class EventBuffer implements Queue {
  #events: OutgoingEvent[] = [];
  #head = 0;
  #bytes = 0;

  constructor(private readonly bounds: RingBounds) {}

  get length(): number {
    return this.#events.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(line: string): boolean {
    const event = toOutgoing(line);
    if (this.length >= this.bounds.maxEvents || this.#bytes + event.bytes > this.bounds.maxBytes)
      return false;
    this.#events.push(event);
    this.#bytes += event.bytes;
    return true;
  }

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
}
