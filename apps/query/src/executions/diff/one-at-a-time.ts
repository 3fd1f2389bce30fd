/** Runs work in turn. */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  /** @param signal whose abortion takes the work out of the queue */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const next = this.last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.last = next.catch(() => undefined);
    return next;
  }
}
