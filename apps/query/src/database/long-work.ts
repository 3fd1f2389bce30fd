import type { QueryConfig } from '../config';
import { Places } from './places';
import { QueryError } from './query-error';

/** How many times the ordinary a statement of long work may take. */
const TIMES_LONGER = 10;
/** As long as for a connection. */
const WAIT_MS = 2000;

/** How much of the pool long work may take. */
export interface LongWorkBounds {
  /** searches, comparisons and verifications at once */
  readonly searches: number;
  /** blocks of answers under way that are read at once */
  readonly blocks: number;
  readonly statementTimeoutMs: number;
}

/** Half of the pool for what takes long, a quarter for the answers that come of it: the rest is left to short questions. */
export const longWorkBounds = ({
  poolSize,
  statementTimeoutMs,
}: Pick<QueryConfig, 'poolSize' | 'statementTimeoutMs'>): LongWorkBounds => ({
  searches: Math.max(1, Math.floor(poolSize / 2)),
  blocks: Math.max(1, Math.floor(poolSize / 4)),
  statementTimeoutMs: statementTimeoutMs * TIMES_LONGER,
});

/** Keeps what takes long from taking every connection. Places are kept as long as a connection is, and no longer. */
export class LongWork {
  private readonly searches: Places;
  private readonly blocks: Places;

  constructor({ searches, blocks }: LongWorkBounds) {
    this.searches = new Places(searches);
    this.blocks = new Places(blocks);
  }

  /** Whether another search would have to wait. */
  get isFull(): boolean {
    return this.searches.areTaken;
  }

  /**
   * Searches when there is a place for it.
   * @param signal aborted when nobody waits for the answer
   * @param isPatient whether to wait for a place as long as it takes: for answers that have begun
   * @throws QueryError when there is none for too long
   */
  async search<T>(work: () => Promise<T>, signal?: AbortSignal, isPatient = false): Promise<T> {
    const tooLong = new AbortController();
    const timer = isPatient ? undefined : setTimeout(() => tooLong.abort(this.busy()), WAIT_MS);
    const signals = [tooLong.signal, ...(signal ? [signal] : [])];
    const leave = await this.searches.enter(AbortSignal.any(signals)).finally(() => clearTimeout(timer));
    return work().finally(leave);
  }

  /** Reads a block of an answer that has begun, when it is its turn. */
  async block<T>(work: () => Promise<T>, signal: AbortSignal = NEVER): Promise<T> {
    const leave = await this.blocks.enter(signal);
    return work().finally(leave);
  }

  private busy(): QueryError {
    const { count } = this.searches;
    return new QueryError(
      'long_answers_busy',
      `As many chains, comparisons and verifications are at work as may be at once (${count}, by ` +
        'FACTFLOW_QUERY_POOL_SIZE); send the same request again later.',
    );
  }
}

const NEVER = new AbortController().signal;
