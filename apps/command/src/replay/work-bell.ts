import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';

/** Who waits looks again after that: work may come by way of another command app, or at its time. */
const LOOK_EVERY_MS = 1000;
/** Requests that may wait at once; others are answered at once. */
const MAX_WAITING = 1000;

/** Wakes those who wait for work. */
@Injectable()
export class WorkBell implements BeforeApplicationShutdown {
  private readonly waiting = new Set<() => void>();
  private closed = false;

  /** There may be work now. */
  ring(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Waits for work, not for long. @returns false when there is no use in looking again */
  async wait(atMostMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.closed || signal.aborted || this.waiting.size >= MAX_WAITING) return false;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(atMostMs, LOOK_EVERY_MS));
      signal.addEventListener('abort', wake, { once: true });
      this.waiting.add(wake);
    });
    return !this.closed && !signal.aborted;
  }

  beforeApplicationShutdown(): void {
    this.closed = true;
    this.ring();
  }
}
