import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import type { Backlog } from './backlog';
import type { OutgoingEvent, RejectedEvent, Sink, SinkResult } from './sink';

// Takes events from the front of a backlog to the sink. It is always in one of these modes:
//
//   idle        nothing is queued                                    → gathering, with the first event
//   gathering   events wait for company, `batch.delayMs` at most     → sending, also when a batch is full or in a hurry
//   sending     one batch is under way; its events stay in the backlog
//                 accepted     they leave it, rejected ones are told of → idle, gathering or sending
//                 refused      the batch is halved until the cause stands alone, and that event counts as rejected → sending
//                 unavailable  everything stays; what is sent next is small, and grows with every answer → backing off
//   backing off a pause that grows with every failure, or what the receiver asked for → sending
//   closed      for good; whatever is still in the backlog is someone else's to save
//
// A hurry is on while somebody waits for a flush: nothing is gathered then, and pauses are short, except one the
// receiver asked for. Timers never keep the process alive; whoever waits does.

const HURRIED_PAUSE_MS = 500;
/** How many events are sent at most to find out whether the receiver is back: an outage costs the service little. */
const PROBE_EVENTS = 100;
/** Refused events are isolated one by one: their reason has no code of the command app. */
const REFUSED_CODE = 'refused';

export interface ShipperSettings {
  readonly batch: { readonly maxEvents: number; readonly maxBytes: number; readonly delayMs: number };
  readonly retry: { readonly initialDelayMs: number; readonly maxDelayMs: number };
}

/** What the shipper tells. Nothing here throws. */
export interface ShipperEvents {
  /** these events from the front of the backlog are stored or rejected, and no longer in it */
  settled(batch: readonly OutgoingEvent[], rejected: readonly RejectedEvent[]): void;
  unavailable(reason: string): void;
  /** what was answered may be sent again after a restart */
  failed(reason: string): void;
}

type Mode = 'idle' | 'gathering' | 'sending' | 'backing off' | 'closed';

export class Shipper {
  #mode: Mode = 'idle';
  #timer: NodeJS.Timeout | undefined;
  #hurried = false;
  /** the pause under way is the receiver's wish */
  #asked = false;
  #batchEvents: number;
  #backoff: IBackoff<unknown> | undefined;
  readonly #abort = new AbortController();

  constructor(
    private readonly backlog: Backlog,
    private readonly sink: Sink,
    private readonly settings: ShipperSettings,
    private readonly events: ShipperEvents,
  ) {
    this.#batchEvents = settings.batch.maxEvents;
  }

  /** There is something new in the backlog. */
  notify(): void {
    if (this.#mode === 'idle') this.#gather();
    else if (this.#mode === 'gathering' && this.#isFull) this.#send();
  }

  /** Somebody waits for a flush, or nobody any more. */
  hurry(hurried: boolean): void {
    this.#hurried = hurried;
    if (!hurried) return;
    if (this.#mode === 'gathering' || (this.#mode === 'backing off' && !this.#asked)) this.#send();
  }

  /** Gives up the request under way; nothing is sent any more. The sink is left to its owner. */
  close(): void {
    this.#pause('closed');
    this.#abort.abort();
  }

  get #isFull(): boolean {
    return this.backlog.length >= this.#batchEvents || this.backlog.bytes >= this.settings.batch.maxBytes;
  }

  /** Sends at once what need not wait. */
  #gather(): void {
    if (this.#mode === 'closed') return;
    if (this.backlog.length === 0) return this.#pause('idle');
    // Even in a hurry not within the call that brought the event: it may have brothers.
    this.#pause('gathering', this.#hurried || this.#isFull ? 0 : this.settings.batch.delayMs);
  }

  #pause(mode: Mode, delayMs?: number): void {
    clearTimeout(this.#timer);
    this.#mode = mode;
    if (delayMs !== undefined) this.#timer = setTimeout(() => this.#send(), delayMs).unref();
  }

  #send(): void {
    this.#pause('sending');
    const batch = this.backlog.batch(this.#batchEvents, this.settings.batch.maxBytes);
    if (batch.length === 0) return this.#nothing();
    void this.#attempt(batch).then((result) => {
      if (this.#mode === 'sending') this.#received(batch, result);
    });
  }

  /** The backlog may find out only now that nothing is left. */
  #nothing(): void {
    if (this.backlog.length > 0)
      return this.#backOff({ kind: 'unavailable', reason: 'the spool cannot be read' });
    this.#pause('idle');
    this.events.settled([], []);
  }

  async #attempt(batch: readonly OutgoingEvent[]): Promise<SinkResult> {
    try {
      return await this.sink.send(batch, this.#abort.signal);
    } catch (error) {
      return { kind: 'unavailable', reason: String(error) };
    }
  }

  #received(batch: readonly OutgoingEvent[], result: SinkResult): void {
    switch (result.kind) {
      case 'accepted':
        this.#batchEvents = Math.min(this.settings.batch.maxEvents, this.#batchEvents * 2);
        return this.#settle(batch, result.rejected);
      case 'refused':
        if (batch.length === 1)
          return this.#settle(batch, [{ index: 0, code: REFUSED_CODE, message: result.reason }]);
        this.#halve(batch);
        return this.#send();
      case 'unavailable':
        if (result.timedOut) this.#halve(batch);
        this.#batchEvents = Math.min(this.#batchEvents, PROBE_EVENTS);
        return this.#backOff(result);
    }
  }

  #settle(batch: readonly OutgoingEvent[], rejected: readonly RejectedEvent[]): void {
    this.#backoff = undefined;
    try {
      this.backlog.drop(batch.length);
    } catch (error) {
      this.events.failed(String(error));
    }
    this.events.settled(batch, rejected);
    this.#gather();
  }

  #halve(batch: readonly OutgoingEvent[]): void {
    this.#batchEvents = Math.max(1, Math.floor(batch.length / 2));
  }

  #backOff({ reason, retryAfterMs = 0 }: Extract<SinkResult, { kind: 'unavailable' }>): void {
    const { initialDelayMs: initialDelay, maxDelayMs: maxDelay } = this.settings.retry;
    this.#backoff = (this.#backoff ?? new ExponentialBackoff({ initialDelay, maxDelay })).next(undefined);
    const pause = this.#hurried ? Math.min(this.#backoff.duration, HURRIED_PAUSE_MS) : this.#backoff.duration;
    this.#asked = retryAfterMs > 0;
    this.#pause('backing off', Math.max(pause, retryAfterMs));
    this.events.unavailable(reason);
  }
}
