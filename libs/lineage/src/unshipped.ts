import type { Backlog } from './backlog';
import type { Control } from './control';
import type { GivenUp } from './given-up';
import type { Announcer } from './logger';
import * as say from './messages';
import type { OutgoingEvent, RejectedEvent } from './sink';
import { StructuredLog } from './structured-log';

/** Moved at once. */
const MOVE_EVENTS = 1_000;
const MOVE_BYTES = 1024 * 1024;

/** What the command app will not have, or did not take: it goes to the structured log, and is counted. */
export class Unshipped {
  readonly log: StructuredLog;

  constructor(
    path: string,
    private readonly control: Control,
    private readonly announcer: Announcer,
  ) {
    this.log = new StructuredLog(path, (events, reason) => this.#unwritten(events, reason));
  }

  /** Writes down what the recorder's side lost, which has counted it. */
  lost(losses: Backlog): void {
    for (let left = losses.length; left > 0; left = losses.length) {
      const events = losses.batch(MOVE_EVENTS, MOVE_BYTES);
      for (const event of events) this.log.write(event);
      losses.drop(events.length);
    }
  }

  /** Writes down all of a backlog that nobody will ship any more. */
  giveUp(backlog: Backlog, givenUp: GivenUp): void {
    for (let events = backlog.batch(MOVE_EVENTS, MOVE_BYTES); events.length > 0;) {
      for (const event of events) this.log.write(event);
      givenUp.add(events);
      backlog.drop(events.length);
      this.control.add('givenUp', events.length);
      this.control.add('settled', events.length);
      events = backlog.batch(MOVE_EVENTS, MOVE_BYTES);
    }
  }

  /** Writes down what the command app did not take of a batch. */
  rejected(batch: readonly OutgoingEvent[], rejected: readonly RejectedEvent[]): void {
    for (const rejection of rejected)
      this.log.writeRejected(batch[rejection.index] as OutgoingEvent, rejection);
    const [first] = rejected;
    if (first)
      this.announcer.warn('rejected', () =>
        say.rejected(this.control.get('rejected') || rejected.length, first, batch[first.index]?.eventId),
      );
  }

  #unwritten(events: number, reason: string): void {
    this.control.add('unwritten', events);
    this.announcer.warn('unlogged', () => say.unlogged(events, this.log.path, reason));
  }
}
