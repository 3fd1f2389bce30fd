import { Pool, type PoolClient, type PoolConfig } from 'pg';

/** What a pool says that had no connection to lend for as long as one waits for it. */
const WAITED = 'timeout exceeded when trying to connect';

type Callback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** Every connection is at work: the database is there, but for nobody else now. */
export class ConnectionsBusy extends Error {
  override readonly name = 'ConnectionsBusy';
  readonly code = 'overloaded';

  constructor(connections: number) {
    const all = connections === 1 ? 'The only connection' : `All ${connections} connections`;
    super(
      `${all} to the database ${connections === 1 ? 'is' : 'are'} at work; send the same request again later.`,
    );
  }
}

/** A pool that tells its being fully lent out from a database that cannot be reached: the driver says the same of both. */
export class LendingPool extends Pool {
  private lent = 0;

  constructor(config?: PoolConfig) {
    super(config);
    this.on('acquire', () => (this.lent += 1));
    this.on('release', () => (this.lent -= 1));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<PoolClient> | void {
    if (!callback)
      return super.connect().catch((error: unknown) => Promise.reject(this.explained(error as Error)));
    super.connect((error, client, done) => callback(error && this.explained(error), client, done));
  }

  private explained(error: Error): Error {
    const { max } = this.options;
    return error.message === WAITED && this.lent >= max ? new ConnectionsBusy(max) : error;
  }
}
