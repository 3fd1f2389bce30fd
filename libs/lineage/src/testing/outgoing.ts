import { newId, toWire, type LineageEvent } from '@factflow/domain';
import type { LineageLogger } from '../logger';
import type { OutgoingEvent } from '../sink';

/** A valid event on its way. */
export function outgoing(sequence: number, overrides: object = {}): OutgoingEvent {
  const event: LineageEvent = {
    type: 'record.started',
    eventId: newId(),
    executionId: newId(),
    recordId: newId(),
    occurredAt: Date.now(),
    source: { recorderId: newId(), sequence },
    data: {},
  };
  const line = JSON.stringify({ ...toWire(event), ...overrides });
  return { sequence, eventId: event.eventId, line, bytes: Buffer.byteLength(line) };
}

/** A logger that remembers. */
export class RememberingLogger implements LineageLogger {
  readonly messages: string[] = [];

  log(message: string): void {
    this.messages.push(message);
  }

  warn(message: string): void {
    this.messages.push(message);
  }
}
