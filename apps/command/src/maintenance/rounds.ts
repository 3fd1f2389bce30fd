import type { Logger } from '@nestjs/common';
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../database/database';

const HOUR_MS = 3600 * 1000;
const BACKOFF = new ExponentialBackoff({ initialDelay: 1000, maxDelay: 60_000 });

/**
 * Work that is done at once and then every hour, in the background: nothing waits for it, it keeps no process alive, and
 * what goes wrong is logged and tried again after a second, later up to a minute.
 */
export class Rounds {
  private readonly ending = new AbortController();
  private atWork: Promise<void> = Promise.resolve();

  constructor(
    /** completes "could not …" in the log */
    private readonly purpose: string,
    private readonly logger: Logger,
    private readonly work: (signal: AbortSignal) => Promise<void>,
  ) {}

  start(): void {
    void this.repeat();
  }

  /** Starts nothing more; resolves when the work under way has come to an end. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.atWork.catch(() => undefined);
  }

  private async repeat(): Promise<void> {
    const { signal } = this.ending;
    const trying = retry(handleAll, { maxAttempts: Infinity, backoff: BACKOFF }).dangerouslyUnref();
    trying.onRetry((failure) => {
      const reason = 'error' in failure ? reasonOf(failure.error) : '';
      this.logger.warn(
        `could not ${this.purpose}, trying again in ${Math.ceil(failure.delay)} ms: ${reason}`,
      );
    });
    while (!signal.aborted) {
      // Fails only when it is to end.
      await trying.execute(() => this.round(signal), signal).catch(() => undefined);
      await pause(HOUR_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private round(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) this.atWork = this.work(signal);
    return this.atWork;
  }
}
