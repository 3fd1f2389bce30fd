import { EventBuffer } from './event-buffer';
import { Announcer } from './logger';
import * as say from './messages';
import type { Settings } from './options';
import { unwatchExit, watchExit, type Exiting } from './process-exit';
import { SequenceRanges, type SequenceRange } from './ranges';
import { Shipper } from './shipper';
import type { OutgoingEvent, RejectedEvent, Sink } from './sink';
import { StructuredLog } from './structured-log';

/** How a flush ended. */
export interface FlushResult {
  /** whether everything recorded before the call has left the queue, acknowledged or rejected */
  readonly complete: boolean;
  /** events still queued */
  readonly queued: number;
}

/** Counts of events; every event given to the outbox is in exactly one of `queued`, `acknowledged`, `rejected` and `lost`. */
export interface OutboxStatus {
  readonly queued: number;
  readonly queuedBytes: number;
  /** stored by the command app */
  readonly acknowledged: number;
  /** refused by the command app for good; with their reasons in the structured log */
  readonly rejected: number;
  /** given up: in the structured log, if that could be written */
  readonly lost: number;
  /** the lost events' sequence numbers */
  readonly lostRanges: readonly SequenceRange[];
  /** lost or rejected events that are not in the structured log either */
  readonly unlogged: number;
  /** how the last request ended; null before the first one */
  readonly connected: boolean | null;
  readonly lastError: { readonly message: string; readonly at: Date } | null;
}

interface Waiter {
  readonly upTo: number;
  resolve(complete: boolean): void;
}

/** A wait that is not over by then is announced. */
const ANNOUNCE_AFTER_MS = 500;
/** The longest the end waits for the structured log after everything else. */
const LOG_TIMEOUT_MS = 2000;

/** Everything behind the recorder's calls: what happens to an event until it is acknowledged, rejected or given up. */
export class Outbox implements Exiting {
  readonly #buffer: EventBuffer;
  readonly #log: StructuredLog;
  readonly #shipper: Shipper | undefined;
  readonly #lost = new SequenceRanges();
  readonly #waiters = new Set<Waiter>();
  #counts = { acknowledged: 0, rejected: 0, lost: 0, unlogged: 0 };
  #connected: boolean | null = null;
  #lastError: { message: string; at: Date } | null = null;
  #lastQueued = 0;
  #flushedAtExit = 0;
  #closed = false;

  /** @param sink undefined when there is nowhere to ship to: everything goes to the structured log */
  constructor(
    private readonly settings: Settings,
    private readonly sink: Sink | undefined,
    private readonly announcer: Announcer,
  ) {
    this.#buffer = new EventBuffer(settings.buffer);
    this.#log = new StructuredLog(settings.structuredLog, (events, reason) => this.#unlogged(events, reason));
    if (sink)
      this.#shipper = new Shipper(this.#buffer, sink, settings, {
        settled: (batch, rejected) => this.#settled(batch, rejected),
        unavailable: (reason) => this.#unavailable(reason),
      });
  }

  add(event: OutgoingEvent): void {
    watchExit(this);
    if (!this.#shipper || this.#closed) return this.#lose(event);
    if (!this.#buffer.push(event)) {
      this.#lose(event);
      return this.announcer.warn('lost', () =>
        say.overflow(this.#counts.lost, this.#lost.toArray().at(-1), this.#log.path),
      );
    }
    this.#lastQueued = event.sequence;
    this.#shipper.notify();
  }

  status(): OutboxStatus {
    return {
      ...this.#counts,
      queued: this.#buffer.length,
      queuedBytes: this.#buffer.bytes,
      lostRanges: this.#lost.toArray(),
      connected: this.#connected,
      lastError: this.#lastError,
    };
  }

  /** Resolves when what is queued now has been answered, or the time is over; says that it waits. Never rejects. */
  async flush(timeoutMs: number): Promise<FlushResult> {
    if (this.#buffer.length > 0) {
      const announcement = setTimeout(
        () => this.announcer.say(say.waiting(timeoutMs, this.#target, this.#buffer.length)),
        this.#connected === false ? 0 : Math.min(ANNOUNCE_AFTER_MS, timeoutMs),
      );
      await this.#answered(timeoutMs);
      clearTimeout(announcement);
    }
    return { complete: this.#buffer.length === 0, queued: this.#buffer.length };
  }

  /** Flushes, then hands what is left to the structured log, and every later event. */
  async close(timeoutMs: number): Promise<FlushResult> {
    const result = await this.flush(timeoutMs);
    this.#closed = true;
    this.#shipper?.close();
    const left = this.#giveUpQueue();
    if (left > 0) this.announcer.say(say.left(left, this.#log.path));
    await within(this.#log.settled(), LOG_TIMEOUT_MS);
    this.#log.drainSync();
    this.#log.close();
    unwatchExit(this);
    return result;
  }

  beforeExit(): void {
    if (this.#buffer.length === 0 || this.#flushedAtExit === this.#lastQueued) return;
    this.#flushedAtExit = this.#lastQueued;
    void this.flush(this.settings.flushTimeoutMs);
  }

  exit(): void {
    const left = this.#giveUpQueue();
    this.#log.drainSync();
    if (left > 0) this.announcer.say(say.left(left, this.#log.path));
  }

  #answered(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      // Not unref'ed: whoever waits for a flush wants the process to live for so long.
      const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
      const waiter: Waiter = {
        upTo: this.#lastQueued,
        resolve: (complete) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          if (this.#waiters.size === 0) this.#shipper?.hurry(false);
          resolve(complete);
        },
      };
      this.#waiters.add(waiter);
      this.#shipper?.hurry(true);
    });
  }

  #settled(batch: readonly OutgoingEvent[], rejected: readonly RejectedEvent[]): void {
    this.#connected = true;
    this.#counts.acknowledged += batch.length - rejected.length;
    this.#counts.rejected += rejected.length;
    for (const rejection of rejected)
      this.#log.writeRejected(batch[rejection.index] as OutgoingEvent, rejection);
    const [first] = rejected;
    if (first)
      this.announcer.warn('rejected', () =>
        say.rejected(this.#counts.rejected, first, batch[first.index]?.eventId),
      );
    const next = this.#buffer.first?.sequence ?? Infinity;
    for (const waiter of [...this.#waiters]) if (waiter.upTo < next) waiter.resolve(true);
  }

  #unavailable(message: string): void {
    this.#connected = false;
    this.#lastError = { message, at: new Date() };
    this.announcer.warn('unavailable', () => say.unavailable(this.#target, message, this.#buffer.length));
  }

  #lose(event: OutgoingEvent): void {
    this.#counts.lost += 1;
    this.#lost.add(event.sequence);
    this.#log.write(event);
  }

  #giveUpQueue(): number {
    const left = this.#buffer.takeAll();
    for (const event of left) this.#lose(event);
    for (const waiter of [...this.#waiters]) waiter.resolve(false);
    return left.length;
  }

  #unlogged(events: number, reason: string): void {
    this.#counts.unlogged += events;
    this.announcer.warn('unlogged', () => say.unlogged(events, this.#log.path, reason));
  }

  get #target(): string {
    return this.sink?.target ?? 'nowhere';
  }
}

/** Waits for something that may hang, but not longer. */
async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
  clearTimeout(timer);
}
