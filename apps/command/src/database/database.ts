import { ensurePartitionsAhead, isMigrated, migrate } from '@factflow/store';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';

const RETRY_MS = 1000;

/**
 * The way to the database. The app starts without it and answers 503 until it is there; whoever gets through first
 * migrates it. Nothing is written before that.
 */
@Injectable()
export class Database implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);
  private opening: Promise<DataSource> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.openInBackground();
  }

  /** The data source on a migrated database. @throws when it cannot be reached now */
  writable(): Promise<DataSource> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  /** @throws an error that says why nothing can be written now */
  async check(): Promise<void> {
    const migrated = await this.writable().then(isMigrated);
    if (!migrated) throw new Error('the database is not migrated: start the command app again');
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.opening?.catch(() => undefined);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async open(): Promise<DataSource> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
    const applied = await migrate(this.dataSource);
    this.logger.log(
      applied.length > 0 ? `migrated the database: ${applied.join(', ')}` : 'the database is up to date',
    );
    // Before the first event: a range that has one in the default partition keeps all of its events there. Where it does
    // not work now, maintenance tries again.
    if (applied.length > 0)
      await ensurePartitionsAhead(this.dataSource, Date.now()).catch((error: unknown) =>
        this.logger.warn(`no partitions could be made yet: ${reasonOf(error)}`),
      );
    return this.dataSource;
  }

  private openInBackground(): void {
    this.writable().catch((error: unknown) => {
      if (this.closed) return;
      this.logger.warn(`the database cannot be used yet, trying again every second: ${reasonOf(error)}`);
      this.retry = setTimeout(() => this.openInBackground(), RETRY_MS);
    });
  }
}

/** What went wrong, in words. Both addresses of `localhost` refusing makes an error without a message. */
export const reasonOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(reasonOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);
