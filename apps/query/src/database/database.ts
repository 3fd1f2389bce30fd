import { clientOf, isMigrated, run, type Statement } from '@factflow/store';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { whileWanted } from './cancel';
import { NOT_MIGRATED, reasonOf, translateError } from './database-errors';
import { runForEach, runForEachText, runForText, type TextRow } from './statement-rows';

const NARROW = 'name an execution_id';
// Statements that are made for a question are planned for it; all others once and for all, see the connection's settings.
const BEGIN_PLANNED = 'BEGIN READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan';
const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Reads rows. `narrow` says what the asker can narrow when the statement takes too long. */
export type Read = <Row>(sql: string, parameters: readonly unknown[], narrow?: string) => Promise<Row[]>;

type Runner<T> = (client: PoolClient, statement: Statement, parameters: readonly unknown[]) => Promise<T>;

/** Reads rows with prepared statements; no statement begins once `signal` says that nobody waits for its rows. */
export class Reader {
  constructor(
    protected readonly onClient: <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>,
    private readonly signal?: AbortSignal,
  ) {}

  rows<Row>(statement: Statement, parameters: readonly unknown[], narrow = NARROW): Promise<Row[]> {
    return this.query(statement, parameters, run<Row>, narrow);
  }

  /** Rows as texts, column by column. */
  texts(statement: Statement, parameters: readonly unknown[], narrow = NARROW): Promise<TextRow[]> {
    return this.query(statement, parameters, runForText, narrow);
  }

  /** Hands rows over as they come; none is kept. */
  each<Row>(
    statement: Statement,
    parameters: readonly unknown[],
    take: (row: Row) => void,
    narrow = NARROW,
  ): Promise<void> {
    const runEach: Runner<void> = (client, ...query) => runForEach<Row>(client, ...query, take);
    return this.query(statement, parameters, runEach, narrow);
  }

  /** Hands rows over as texts, column by column, as they come; none is kept. */
  eachText(
    statement: Statement,
    parameters: readonly unknown[],
    take: (row: TextRow) => void,
    narrow = NARROW,
  ): Promise<void> {
    const runEach: Runner<void> = (client, ...query) => runForEachText(client, ...query, take);
    return this.query(statement, parameters, runEach, narrow);
  }

  protected query<T>(
    statement: Statement,
    parameters: readonly unknown[],
    runner: Runner<T>,
    narrow: string,
  ): Promise<T> {
    return this.onClient(async (client) => {
      this.signal?.throwIfAborted();
      return translated(runner(client, statement, parameters), narrow);
    });
  }
}

const translated = <T>(query: Promise<T>, narrow: string): Promise<T> =>
  query.catch((error: unknown) => Promise.reject(translateError(error, narrow)));

/**
 * The way to the database. It is connected to when it is first needed, and again after it was away, so that the app
 * starts and answers 503 without it. Every connection is read-only by its own settings.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private connecting: Promise<DataSource> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Rows of one statement, planned for its parameters. @throws QueryError when it takes too long or the tables are not there */
  readonly read: Read = <Row>(sql: string, parameters: readonly unknown[], narrow = NARROW) =>
    this.withClient((client) =>
      inTransaction(client, BEGIN_PLANNED, async () => {
        const { rows } = await translated(client.query(sql, [...parameters]), narrow);
        return rows as Row[];
      }),
    );

  /**
   * Reads with prepared statements, each on a connection of the pool.
   * @param signal ends statements whose rows nobody waits for
   */
  reader(signal?: AbortSignal): Reader {
    return new Reader((work) => this.withClient(work, signal), signal);
  }

  /** Runs statements that all see the database as it was at the first of them. */
  snapshot<T>(work: (reader: Reader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.withClient((client) => {
      const reader = new Reader((statement) => statement(client), signal);
      return inTransaction(client, BEGIN_SNAPSHOT, () => work(reader));
    }, signal);
  }

  /** @throws an error that says why the app cannot answer: unreachable, or not migrated */
  async check(): Promise<void> {
    const migrated = await this.connect()
      .then(isMigrated)
      .catch((error: unknown) => Promise.reject(new Error(`unreachable: ${reasonOf(error)}`)));
    if (!migrated) throw new Error(NOT_MIGRATED);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connecting?.catch(() => undefined);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /** Lends a connection of the pool, which knows when one is broken. */
  protected async withClient<T>(work: (client: PoolClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const source = await this.connect();
    const runner = source.createQueryRunner();
    try {
      const client = await clientOf(runner);
      if (!signal) return await work(client);
      return await whileWanted(client, urlOf(source), signal, () => work(client));
    } finally {
      await runner.release();
    }
  }

  private connect(): Promise<DataSource> {
    if (this.dataSource.isInitialized) return Promise.resolve(this.dataSource);
    this.connecting ??= this.dataSource.initialize().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }
}

const urlOf = (source: DataSource): string | undefined => (source.options as { readonly url?: string }).url;

async function inTransaction<T>(client: PoolClient, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    return await work();
  } finally {
    // Nothing was written. A connection that is gone has no transaction either: what went wrong is known already.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
