import { ProblemError } from '@factflow/server';

const RETRY_AFTER_SECONDS = 1;

const overloaded = (): ProblemError =>
  new ProblemError(
    {
      status: 503,
      code: 'overloaded',
      detail:
        'More events are waiting than memory is set aside for (FACTFLOW_MAX_PENDING_BYTES); send the whole request again later.',
    },
    { 'retry-after': String(RETRY_AFTER_SECONDS) },
  );

/** Keeps count of the bytes of all requests in the process, so that memory stays bounded however many come. */
export class PendingBytes {
  private pending = 0;

  constructor(private readonly limit: number) {}

  get bytes(): number {
    return this.pending;
  }

  /** A share for one request, given back when it ends. */
  open(): PendingShare {
    return new PendingShare((bytes) => this.add(bytes));
  }

  private add(bytes: number): void {
    // One request always fits, or a limit below the size of a batch would refuse it for ever.
    if (bytes > 0 && this.pending > 0 && this.pending + bytes > this.limit) throw overloaded();
    this.pending += bytes;
  }
}

/** What one request holds of the pending bytes. */
export class PendingShare {
  private held = 0;

  constructor(private readonly add: (bytes: number) => void) {}

  /** @throws ProblemError 503 when there is no room for more */
  take(bytes: number): void {
    this.add(bytes);
    this.held += bytes;
  }

  release(): void {
    this.add(-this.held);
    this.held = 0;
  }
}
