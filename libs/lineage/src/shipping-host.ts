import { setTimeout as pause } from 'node:timers/promises';
import { PayloadRing } from './capture/payload-queue';
import { ORDER } from './control';
import type { Announcer } from './logger';
import * as say from './messages';
import { SharedRing } from './shared-ring';
import { Shipping } from './shipping';
import type { Shared, ShippingEvents, ShippingSettings } from './shipping-settings';
import type { Sink } from './sink';
import { WorkerHost } from './worker-host';

/** How long a thread that was told to close may take for its last heartbeat and the structured log. */
const CLOSE_TIMEOUT_MS = 5_000;
const GOODBYE_TIMEOUT_MS = 1_500;
const POLL_MS = 5;

/** Where the shipping side runs, as the recorder's side sees it. Nothing here throws. */
export interface ShippingHost {
  readonly restarts: number;
  start(): void;
  /** There is something new. Called for every fact. */
  signal(): void;
  /** Brings what is only in memory to the spool or the structured log before it returns. @returns false when there was no time */
  giveUpSync(timeoutMs: number): boolean;
  /** Says that the service ends. Keeps the process alive until that was said, a second at most. */
  goodbye(): Promise<void>;
  /** @returns false when the shipping side does not end: what is in memory is with it */
  close(): Promise<boolean>;
}

/** The shipping side on this thread: for a sink of the service, and where there is no program for another thread. */
export class LocalShipping implements ShippingHost {
  readonly restarts = 0;
  readonly #shipping: Shipping;
  #scheduled = false;

  constructor(settings: ShippingSettings, shared: Shared, events: ShippingEvents, sink: Sink | undefined) {
    this.#shipping = new Shipping(settings, shared, events, sink);
  }

  start(): void {
    this.#shipping.start();
  }

  /** Not within the call that brought the event. */
  signal(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#shipping.tick();
    });
  }

  giveUpSync(): boolean {
    this.#shipping.giveUp();
    return true;
  }

  goodbye(): Promise<void> {
    return this.#shipping.goodbye();
  }

  async close(): Promise<boolean> {
    await this.#shipping.close();
    return true;
  }
}

/** The shipping side in a thread of its own. */
export class RemoteShipping implements ShippingHost {
  readonly #worker: WorkerHost;

  constructor(
    file: string,
    private readonly settings: ShippingSettings,
    private readonly shared: Shared,
    private readonly events: ShippingEvents,
    announcer: Announcer,
  ) {
    const { control, ring, losses, payloads } = shared;
    const { held } = payloads;
    const isShared = held === undefined || held instanceof PayloadRing;
    if (!(ring instanceof SharedRing) || !(losses instanceof SharedRing) || !isShared)
      throw new TypeError('another thread sees shared memory only');
    const buffers = {
      control: control.buffer,
      ring: ring.buffer,
      losses: losses.buffer,
      payloads: payloads.control.buffer,
    };
    this.#worker = new WorkerHost(
      file,
      { settings, buffers, held: held?.buffer },
      {
        told: (message) => {
          switch (message.kind) {
            case 'log':
              return events.logger.log(message.text);
            case 'warn':
              return events.logger.warn(message.text);
            case 'unavailable':
              return events.unavailable(message.reason);
          }
        },
        ended: (reason) => announcer.warn('worker', () => say.workerEnded(reason)),
      },
    );
  }

  get restarts(): number {
    return this.#worker.restarts;
  }

  start(): void {
    this.#worker.start();
  }

  signal(): void {
    this.shared.control.wake();
  }

  giveUpSync(timeoutMs: number): boolean {
    if (this.#worker.isRunning) return this.shared.control.orderAndWait(ORDER.giveUp, timeoutMs);
    this.#giveUpHere();
    return true;
  }

  async goodbye(): Promise<void> {
    const { control } = this.shared;
    if (!this.#worker.isRunning || control.word('order') !== ORDER.none) return;
    control.setWord('order', ORDER.goodbye);
    control.wake();
    const deadline = performance.now() + GOODBYE_TIMEOUT_MS;
    while (control.word('order') === ORDER.goodbye && performance.now() < deadline) await pause(POLL_MS);
  }

  async close(): Promise<boolean> {
    const { control } = this.shared;
    if (this.#worker.isRunning) {
      control.setWord('order', ORDER.close);
      control.wake();
    }
    if (!(await this.#worker.close(CLOSE_TIMEOUT_MS))) return false;
    if (control.word('order') !== ORDER.done) this.#giveUpHere();
    return true;
  }

  /** The thread is gone: nobody else takes from what was shared with it. */
  #giveUpHere(): void {
    new Shipping(this.settings, this.shared, this.events).giveUp();
  }
}
