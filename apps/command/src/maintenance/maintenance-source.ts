import { createDataSource } from '@factflow/store';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Database } from '../database/database';

/** One to prune, one to make partitions, one to spare. */
const POOL_SIZE = 3;

/**
 * Connections of maintenance: apart from those of ingest, so that it takes none away, and without their settings, which
 * are wrong for statements over many rows.
 */
@Injectable()
export class MaintenanceSource implements OnApplicationShutdown {
  private readonly dataSource: DataSource;
  private opening: Promise<DataSource> | undefined;

  constructor(
    private readonly database: Database,
    databaseUrl: string,
  ) {
    this.dataSource = createDataSource({
      url: databaseUrl,
      poolSize: POOL_SIZE,
      applicationName: 'factflow-maintenance',
      connectTimeoutMs: 2000,
    });
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
