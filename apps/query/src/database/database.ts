import { isMigrated } from '@factflow/store';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NOT_MIGRATED, reasonOf, translateError } from './database-errors';

const NARROW = 'name an execution_id';

/** Reads rows. `narrow` says what the asker can narrow when the statement takes too long. */
export type Read = <Row>(sql: string, parameters: readonly unknown[], narrow?: string) => Promise<Row[]>;

/**
 * The way to the database. It is connected to when it is first needed, and again after it was away, so that the app
 * starts and answers 503 without it. Every connection is read-only by its own settings.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private connecting: Promise<DataSource> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Rows of one statement. @throws QueryError when it takes too long or the tables are not there */
  readonly read: Read = async <Row>(sql: string, parameters: readonly unknown[], narrow = NARROW) => {
    const source = await this.connect();
    return source
      .query<Row[]>(sql, [...parameters])
      .catch((error: unknown) => Promise.reject(translateError(error, narrow)));
  };

  /** Runs statements that all see the database as it was at the first of them. */
  async snapshot<T>(work: (read: Read) => Promise<T>): Promise<T> {
    const source = await this.connect();
    return source.transaction('REPEATABLE READ', (manager) =>
      work((sql, parameters, narrow = NARROW) =>
        manager
          .query(sql, [...parameters])
          .catch((error: unknown) => Promise.reject(translateError(error, narrow))),
      ),
    );
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

  private connect(): Promise<DataSource> {
    if (this.dataSource.isInitialized) return Promise.resolve(this.dataSource);
    this.connecting ??= this.dataSource.initialize().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }
}
