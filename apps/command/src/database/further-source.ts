import { createDataSource, type StoreOptions } from '@factflow/store';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Database } from './database';

/** Connections apart from those of ingest, so that what goes on here takes none away; opened when first needed. */
export abstract class FurtherSource implements OnApplicationShutdown {
  private readonly dataSource: DataSource;
  private opening: Promise<DataSource> | undefined;

  constructor(
    private readonly database: Database,
    options: StoreOptions,
  ) {
    this.dataSource = createDataSource(options);
  }

  /** The data source, on a migrated database. @throws when it cannot be reached now */
  open(): Promise<DataSource> {
    this.opening ??= this.connect().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.opening?.catch(() => undefined);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async connect(): Promise<DataSource> {
    await this.database.writable();
    return this.dataSource.initialize();
  }
}
