import { bulkhead } from 'cockatiel';

/** Given back by whoever is done. */
export type Leave = () => void;

/** Places for work that keeps a connection for long: as many at once as there are, the rest waits in line. */
export class Places {
  private readonly places;

  constructor(readonly count: number) {
    this.places = bulkhead(count, Infinity);
  }

  get areTaken(): boolean {
    return this.places.executionSlots <= 0;
  }

  /** Waits for a place, until `waiting` is aborted: its reason is then thrown. */
  enter(waiting: AbortSignal): Promise<Leave> {
    waiting.throwIfAborted();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(waiting.reason as Error);
      waiting.addEventListener('abort', giveUp, { once: true });
      void this.places.execute(() => {
        // The signal is not for the bulkhead: whoever stands behind one that has given up would not be let in.
        if (waiting.aborted) return;
        waiting.removeEventListener('abort', giveUp);
        return new Promise<void>((leave) => resolve(leave));
      });
    });
  }
}
