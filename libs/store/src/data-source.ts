import { DataSource } from 'typeorm';
import { LendingPool } from './lending-pool';
import { CreateLineage1767225600000 } from './migrations/1767225600000-create-lineage';
import { PartitionByExecution1767312000000 } from './migrations/1767312000000-partition-by-execution';
import { Retention1767398400000 } from './migrations/1767398400000-retention';
import { Completeness1767484800000 } from './migrations/1767484800000-completeness';
import { Attempts1767571200000 } from './migrations/1767571200000-attempts';
import { RecordsById1767657600000 } from './migrations/1767657600000-records-by-id';
import { Payloads1767744000000 } from './migrations/1767744000000-payloads';
import { Replay1767830400000 } from './migrations/1767830400000-replay';
import { ReplaysOfExecutions1767916800000 } from './migrations/1767916800000-replays-of-executions';
import { BrokenRecorders1768089600000 } from './migrations/1768089600000-broken-recorders';
import { WhatRecordersKeep1768176000000 } from './migrations/1768176000000-what-recorders-keep';

export interface StoreOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** connections at most */
  readonly poolSize: number;
  /** shown in pg_stat_activity */
  readonly applicationName: string;
  /** settings every connection starts with, such as `default_transaction_read_only: 'on'` */
  readonly settings?: Readonly<Record<string, string>>;
  /** how long to wait for a new connection */
  readonly connectTimeoutMs?: number;
  /** how long a connection that nobody needs is kept, with the statements it has prepared; 10 s where nothing is said */
  readonly idleTimeoutMs?: number;
}

/**
 * Settings for connections that append. Every statement there finds rows by keys given as JSON, whose number the planner
 * can only guess: with a wrong guess it reads whole tables, so nested loops over indexes are all it may choose.
 */
export const INGEST_SETTINGS = Object.freeze({
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  jit: 'off',
  // Statements are prepared: no plan of theirs depends on what the JSON holds.
  plan_cache_mode: 'force_generic_plan',
  synchronous_commit: 'on',
});

/** Settings of every connection. A transaction that waited for its lane has to see what was committed meanwhile. */
const SETTINGS = { timezone: 'UTC', default_transaction_isolation: 'read committed' };

/** A TypeORM data source on the tables of lineage, not yet initialised. It never changes the schema by itself. */
export function createDataSource(options: StoreOptions): DataSource {
  const settings = Object.entries({ ...SETTINGS, ...options.settings });
  return new DataSource({
    type: 'postgres',
    driver: { Pool: LendingPool },
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMS: options.connectTimeoutMs ?? 5000,
    extra: {
      options: settings.map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`).join(' '),
    },
    migrations: [
      CreateLineage1767225600000,
      PartitionByExecution1767312000000,
      Retention1767398400000,
      Completeness1767484800000,
      Attempts1767571200000,
      RecordsById1767657600000,
      Payloads1767744000000,
      Replay1767830400000,
      ReplaysOfExecutions1767916800000,
      BrokenRecorders1768089600000,
      WhatRecordersKeep1768176000000,
    ],
    migrationsTableName: 'lineage_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
  });
}
