import { createDataSource } from '@factflow/store';
import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { QueryConfig } from '../config';
import { Database } from './database';
import { longWorkBounds } from './long-work';

/** The data source of the query app: not connected yet, and unable to write. */
export const createReadOnlySource = (
  config: Pick<QueryConfig, 'databaseUrl' | 'poolSize' | 'statementTimeoutMs'>,
) =>
  createDataSource({
    url: config.databaseUrl,
    poolSize: config.poolSize,
    applicationName: 'factflow-query',
    connectTimeoutMs: 2000,
    settings: {
      default_transaction_read_only: 'on',
      statement_timeout: String(config.statementTimeoutMs),
      // Every list is read in the order of an index (record-scans.ts): these would read all of it to get that order.
      enable_seqscan: 'off',
      enable_bitmapscan: 'off',
      enable_sort: 'off',
      enable_incremental_sort: 'off',
      // A page is read before workers have begun.
      max_parallel_workers_per_gather: '0',
      // Prepared statements are planned once; those that are made for a question are told apart in Database.
      plan_cache_mode: 'force_generic_plan',
      // Streamed chains take times as they are written.
      datestyle: 'ISO',
      // All statements are short look-ups; the planner cannot know that of a recursive one.
      jit: 'off',
    },
  });

@Module({})
export class DatabaseModule {
  static forRoot(config: QueryConfig): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DataSource, useFactory: () => createReadOnlySource(config) },
        {
          provide: Database,
          inject: [DataSource],
          useFactory: (source: DataSource) => new Database(source, longWorkBounds(config)),
        },
      ],
      exports: [Database, DataSource],
    };
  }
}
