import type { OutgoingEvent } from './sink';

/** Events that wait for an answer, oldest first. Taking a batch leaves them in. */
export interface Backlog {
  /** about how many there are; 0 when there is none */
  readonly length: number;
  /** about how many bytes they are */
  readonly bytes: number;
  /** The oldest events that fit a batch, at least one if there is any. */
  batch(maxEvents: number, maxBytes: number): OutgoingEvent[];
  /** Removes the oldest `count` events, all of them shown by the last `batch`. */
  drop(count: number): void;
}

/** Where the recorder puts a fact. Never throws, never waits. */
export interface Intake {
  /** @returns false when there is no room for it */
  push(line: string): boolean;
}

/** Both ends of events on their way. */
export type Queue = Backlog & Intake;

// As `toWire` writes it: everything the shipper must know stands before the data.
const BEGINNING = /^\{"event_id":"([^"]+)"[^{}]*"source":\{"recorder_id":"[^"]+","sequence":(\d+)\}/;

/** What the shipper must know of a line. @param bytes of the line, if known */
export function toOutgoing(line: string, bytes = Buffer.byteLength(line)): OutgoingEvent {
  const [, eventId = 'unknown', sequence = 0] = BEGINNING.exec(line) ?? [];
  return { line, bytes, eventId, sequence: Number(sequence) };
}
