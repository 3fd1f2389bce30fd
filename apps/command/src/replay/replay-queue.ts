import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { createHash } from 'node:crypto';
import PgBoss from 'pg-boss';
import { reasonOf } from '../database/database';
import type { ReplayItem } from './replay';
import { ReplaySource, type Transaction } from './replay-source';

const SCHEMA = 'factflow_replay';
/** Where jobs go that were tried often enough. */
const DEAD_LETTERS = 'dead';
/** The queue gives a job up as lost after that: leases are shorter, so it never comes to it. */
const EXPIRE_SECONDS = 23 * 3600;
/** Work waits for as long as it takes until a service comes that can do it: ten years. */
const RETENTION_MINUTES = 10 * 365 * 24 * 60;
const MAINTENANCE = {
  maintenanceIntervalSeconds: 300,
  archiveCompletedAfterSeconds: 3600,
  deleteAfterHours: 1,
};

/** How often jobs are tried, and with which pauses. */
export interface RetryPolicy {
  /** attempts at one message, the first included */
  readonly attempts: number;
  /** pause before the second attempt; it doubles from one to the next */
  readonly retrySeconds: number;
}

/** What a job is about: one message of a replay. */
export interface ReplayJob {
  readonly execution_id: string;
  readonly n: number;
}

/** A job that was handed out. */
export interface FetchedJob {
  readonly id: string;
  readonly data: ReplayJob;
  /** from 1 */
  readonly attempt: number;
}

/** A job to put in. */
export interface NewJob {
  readonly id: string;
  readonly queue: string;
  readonly data: ReplayJob;
}

interface Changed {
  readonly affected: number;
}

/** What pg-boss takes and gives where its types do not say so: several ids at once, in a transaction. */
interface Boss extends Pick<PgBoss, 'createQueue' | 'insert' | 'fetch' | 'stop'> {
  complete(
    queue: string,
    ids: readonly string[],
    output: undefined,
    options: PgBoss.ConnectionOptions,
  ): Promise<Changed>;
  fail(
    queue: string,
    ids: readonly string[],
    reason: object,
    options: PgBoss.ConnectionOptions,
  ): Promise<Changed>;
  cancel(queue: string, ids: readonly string[], options: PgBoss.ConnectionOptions): Promise<Changed>;
}

/** The name of the queue of an adapter, short and plain whatever the adapter is called. */
export const queueOf = (routeId: string, adapterName: string): string =>
  `adapter-${createHash('sha256')
    .update(JSON.stringify([routeId, adapterName]))
    .digest('hex')
    .slice(0, 32)}`;

/** The queue that the job of a message is in. */
export const queueOfItem = ({ route_id: routeId, adapter_name: adapterName }: ReplayItem): string =>
  queueOf(routeId, adapterName);

/**
 * The queue of replays: pg-boss, in a schema of its own. It is set up when it is first used, so that the app starts, and
 * takes events in, without it. Every change takes part in the transaction of whoever makes it.
 */
@Injectable()
export class ReplayQueue implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ReplayQueue.name);
  private starting: Promise<Boss> | undefined;
  private readonly made = new Set<string>();

  constructor(
    private readonly source: ReplaySource,
    private readonly policy: RetryPolicy,
  ) {}

  /** Makes a queue where it is not there; not in a transaction, because others would wait for its end. */
  async make(queue: string): Promise<void> {
    if (this.made.has(queue)) return;
    const boss = await this.boss();
    await boss.createQueue(queue, {
      name: queue,
      retentionMinutes: RETENTION_MINUTES,
      deadLetter: DEAD_LETTERS,
    });
    this.made.add(queue);
  }

  /** Puts jobs in; those that are there already stay as they are. */
  async put(transaction: Transaction, jobs: readonly NewJob[]): Promise<void> {
    const { attempts, retrySeconds } = this.policy;
    const boss = await this.boss();
    await boss.insert(
      jobs.map(({ id, queue, data }) => ({
        id,
        name: queue,
        data,
        retryLimit: attempts - 1,
        retryDelay: retrySeconds,
        retryBackoff: retrySeconds > 0,
        expireInSeconds: EXPIRE_SECONDS,
        deadLetter: DEAD_LETTERS,
      })),
      { db: transaction.db },
    );
  }

  /** Hands out jobs that wait, the oldest first. */
  async take(transaction: Transaction, queue: string, count: number): Promise<FetchedJob[]> {
    const boss = await this.boss();
    // pg-boss takes every failure for an empty queue.
    let failure: { readonly error: unknown } | undefined;
    const db: PgBoss.Db = {
      executeSql: async (text, values: unknown[]) => {
        try {
          return await transaction.db.executeSql(text, values);
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    };
    const options = { batchSize: count, includeMetadata: true, db } as const;
    const jobs = await boss.fetch<ReplayJob>(queue, options);
    if (failure) throw failure.error;
    return jobs.map(({ id, data, retryCount }) => ({ id, data, attempt: retryCount + 1 }));
  }

  /** Hands out jobs that were tried too often. */
  takeDead(transaction: Transaction, count: number): Promise<FetchedJob[]> {
    return this.take(transaction, DEAD_LETTERS, count);
  }

  /** @returns how many were out and are over now */
  async complete(transaction: Transaction, queue: string, ids: readonly string[]): Promise<number> {
    const boss = await this.boss();
    return (await boss.complete(queue, ids, undefined, { db: transaction.db })).affected;
  }

  async completeDead(transaction: Transaction, ids: readonly string[]): Promise<void> {
    await this.complete(transaction, DEAD_LETTERS, ids);
  }

  /** Takes jobs back: they are handed out again after a pause, or go to the dead letters. */
  async fail(
    transaction: Transaction,
    queue: string,
    ids: readonly string[],
    reason: object,
  ): Promise<number> {
    const boss = await this.boss();
    return (await boss.fail(queue, ids, reason, { db: transaction.db })).affected;
  }

  /** Takes jobs out that are not over. */
  async cancel(transaction: Transaction, queue: string, ids: readonly string[]): Promise<void> {
    const boss = await this.boss();
    await boss.cancel(queue, ids, { db: transaction.db });
  }

  async beforeApplicationShutdown(): Promise<void> {
    const boss = await this.starting?.catch(() => undefined);
    await boss?.stop({ graceful: false, close: false });
  }

  private boss(): Promise<Boss> {
    this.starting ??= this.start().catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  private async start(): Promise<Boss> {
    const db: PgBoss.Db = {
      executeSql: (text, values: unknown[]) => this.source.executeSql(text, values),
    };
    const boss = new PgBoss({ db, schema: SCHEMA, schedule: false, ...MAINTENANCE });
    boss.on('error', (error) => this.logger.warn(`the queue of replays: ${reasonOf(error)}`));
    await boss.start();
    await boss.createQueue(DEAD_LETTERS, { name: DEAD_LETTERS, retentionMinutes: RETENTION_MINUTES });
    return boss as unknown as Boss;
  }
}
