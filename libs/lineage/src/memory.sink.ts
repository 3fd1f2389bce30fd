import { hashOf, parseEvent, type LineageEvent, type Rejection } from '@factflow/domain';
import { buffer } from 'node:stream/consumers';
import type { OutgoingEvent, OutgoingPayload, PayloadResult, RejectedEvent, Sink, SinkResult } from './sink';

/** A command app in memory: checks events as the real one does and keeps those it accepts, once each. */
export class MemorySink implements Sink {
  readonly target = 'memory';
  /** set to false to be away */
  available = true;
  readonly #events = new Map<string, LineageEvent>();
  readonly #rejections: Omit<Rejection, 'index'>[] = [];

  readonly #payloads = new Map<string, Buffer>();

  /** Captured bytes, by their digest. */
  get payloads(): ReadonlyMap<string, Buffer> {
    return this.#payloads;
  }

  /** Accepted events, in the order of arrival. */
  get events(): readonly LineageEvent[] {
    return [...this.#events.values()];
  }

  /** Why events were not accepted. */
  get rejections(): readonly Omit<Rejection, 'index'>[] {
    return this.#rejections;
  }

  send(batch: readonly OutgoingEvent[]): Promise<SinkResult> {
    if (!this.available) return Promise.resolve({ kind: 'unavailable', reason: 'set to be away' });
    const rejected: RejectedEvent[] = [];
    batch.forEach(({ line, eventId }, index) => {
      const { event, problem } = parseLine(line);
      if (event) this.#keep(event);
      else {
        rejected.push({ index, ...problem });
        this.#rejections.push({ eventId, ...problem });
      }
    });
    return Promise.resolve({ kind: 'accepted', rejected });
  }

  async storePayload({ key, open }: OutgoingPayload): Promise<PayloadResult> {
    if (!this.available) return { kind: 'unavailable', reason: 'set to be away' };
    const bytes = await buffer(open());
    if (hashOf(bytes) !== key) return { kind: 'refused', reason: 'the bytes are not those of the key' };
    this.#payloads.set(key, bytes);
    return { kind: 'stored' };
  }

  close(): void {
    this.available = false;
  }

  #keep(event: LineageEvent): void {
    const key = event.executionId + event.eventId;
    if (!this.#events.has(key)) this.#events.set(key, event);
  }
}

function parseLine(line: string): ReturnType<typeof parseEvent> {
  try {
    return parseEvent(JSON.parse(line));
  } catch (error) {
    return { problem: { code: 'malformed_json', message: String(error) } };
  }
}
