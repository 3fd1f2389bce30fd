import { setTimeout as pause } from 'node:timers/promises';
import type { PayloadControl } from './capture/payload-control';
import { ADOPTION, type Control } from './control';

/** How often somebody who waits for the other thread looks. */
const POLL_MS = 5;
/** How long the other thread may take to look whether there is anything to adopt. */
const LOOK_MS = 1_000;

interface Waiter {
  readonly upTo: number;
  readonly payloadsUpTo: number;
  resolve(isAnswered: boolean): void;
}

/** Those who wait until what was recorded and captured before is answered. While there is one, the shipping side is in a hurry. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();

  /** @param signal tells the shipping side that there is something new */
  constructor(
    private readonly control: Control,
    private readonly payloads: PayloadControl,
    private readonly signal: () => void,
  ) {}

  get isBusy(): boolean {
    return this.#waiters.size > 0;
  }

  /**
   * Resolves when every event queued now is answered, and every payload, unless only `events` are waited for; or when the
   * time is over.
   * @returns whether all were answered
   */
  forAnswers(timeoutMs: number, what: 'all' | 'events'): Promise<boolean> {
    return new Promise((resolve) => {
      // Not unref'ed: whoever waits for a flush wants the process to live for so long.
      const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
      const poll = setInterval(() => this.look(), POLL_MS);
      const waiter: Waiter = {
        upTo: this.control.get('produced'),
        payloadsUpTo: what === 'all' ? this.payloads.get('captured') : 0,
        resolve: (isAnswered) => {
          clearTimeout(timer);
          clearInterval(poll);
          this.#waiters.delete(waiter);
          if (!this.isBusy) this.#hurry(0);
          resolve(isAnswered);
        },
      };
      this.#waiters.add(waiter);
      this.#hurry(1);
    });
  }

  /** Resolves when nothing of dead processes is being shipped or stored, the command app is away, or the time is over. */
  async forAdoption(timeoutMs: number): Promise<void> {
    const start = performance.now();
    for (;;) {
      const state = this.control.word('adoption');
      const mostMs = state === ADOPTION.unknown ? Math.min(timeoutMs, LOOK_MS) : timeoutMs;
      const isDone = state === ADOPTION.done && this.payloads.left === 0;
      if (isDone || this.control.word('connected') === -1) return;
      if (performance.now() - start >= mostMs) return;
      await pause(POLL_MS);
    }
  }

  /** Lets go those whose wait is over. */
  look(): void {
    const settled = this.control.get('settled');
    const payloads = this.payloads.settled;
    for (const waiter of [...this.#waiters])
      if (waiter.upTo <= settled && waiter.payloadsUpTo <= payloads) waiter.resolve(true);
  }

  #hurry(hurried: 0 | 1): void {
    this.control.setWord('hurry', hurried);
    this.signal();
  }
}
