import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import type { OutgoingPayload, PayloadResult, Sink } from '../sink';
import type { PayloadSource } from './payload-sources';

// Takes payloads from a source to where they are stored, a few at a time. It is always in one of these modes:
//
//   idle        nothing waits                                        → uploading, when told that something does
//   uploading   payloads are under way
//                 stored       it leaves the source
//                 refused      it leaves the source, lost
//                 unavailable  it stays                              → backing off
//   backing off what is under way goes on, nothing else begins; a pause that grows with every failure, or what the
//               receiver asked for                                   → uploading, with others first: one that always fails holds up nothing
//   closed      for good
//
// A hurry keeps pauses short, as for events. Timers never keep the process alive.

const HURRIED_PAUSE_MS = 500;

/** Where payloads are stored. */
export type PayloadTarget = Required<Pick<Sink, 'target' | 'storePayload' | 'close'>>;

export interface UploaderSettings {
  readonly retry: { readonly initialDelayMs: number; readonly maxDelayMs: number };
}

/** What an uploader tells. Nothing here throws. */
export interface UploaderEvents {
  stored(payload: OutgoingPayload): void;
  refused(payload: OutgoingPayload, reason: string): void;
  unavailable(reason: string): void;
  /** nothing waits any more */
  idle(): void;
}

type Mode = 'idle' | 'uploading' | 'backing off' | 'closed';
type Unavailable = Extract<PayloadResult, { kind: 'unavailable' }>;

export class PayloadUploader {
  #mode: Mode = 'idle';
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #hurried = false;
  /** the pause under way is the receiver's wish */
  #asked = false;
  #backoff: IBackoff<unknown> | undefined;
  readonly #abort = new AbortController();

  constructor(
    private readonly source: PayloadSource,
    private readonly target: PayloadTarget,
    private readonly settings: UploaderSettings,
    private readonly events: UploaderEvents,
  ) {}

  /** There may be something new in the source. */
  notify(): void {
    if (this.#mode === 'idle' || this.#mode === 'uploading') this.#fill();
  }

  /** Somebody waits for a flush, or nobody any more. */
  hurry(hurried: boolean): void {
    this.#hurried = hurried;
    if (hurried && this.#mode === 'backing off' && !this.#asked) this.#fill();
  }

  /** Gives up what is under way; nothing is sent any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#mode = 'closed';
    this.#abort.abort();
  }

  #fill(): void {
    clearTimeout(this.#timer);
    this.#mode = 'uploading';
    while (this.#underWay < this.source.atOnce) {
      const payload = this.source.next();
      if (!payload) break;
      this.#underWay += 1;
      void this.#upload(payload);
    }
    if (this.#underWay > 0) return;
    this.#mode = 'idle';
    this.events.idle();
  }

  async #upload(payload: OutgoingPayload): Promise<void> {
    let result: PayloadResult;
    try {
      result = await this.target.storePayload(payload, this.#abort.signal);
    } catch (error) {
      result = { kind: 'unavailable', reason: String(error) };
    }
    this.#underWay -= 1;
    if (this.#mode === 'closed') return;
    this.source.done(payload, result.kind !== 'unavailable');
    if (result.kind === 'unavailable') this.#backOff(result);
    else {
      this.#backoff = undefined;
      if (result.kind === 'stored') this.events.stored(payload);
      else this.events.refused(payload, result.reason);
    }
    this.notify();
  }

  #backOff({ reason, retryAfterMs = 0 }: Unavailable): void {
    if (this.#mode === 'backing off') return;
    const { initialDelayMs: initialDelay, maxDelayMs: maxDelay } = this.settings.retry;
    this.#backoff = (this.#backoff ?? new ExponentialBackoff({ initialDelay, maxDelay })).next(undefined);
    const pause = this.#hurried ? Math.min(this.#backoff.duration, HURRIED_PAUSE_MS) : this.#backoff.duration;
    this.#asked = retryAfterMs > 0;
    this.#mode = 'backing off';
    this.#timer = setTimeout(() => this.#fill(), Math.max(pause, retryAfterMs)).unref();
    this.events.unavailable(reason);
  }
}
