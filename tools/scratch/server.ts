import { startEmbeddedPostgres, temporaryDataDir } from '@factflow/postgres';
import { createDataSource, ensurePartitions, migrate } from '@factflow/store';
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import type { Scope } from './scope';

const DAY_MS = 24 * 3600 * 1000;

/** `bulk` is one that loads fast. */
export type ServerKind = 'ordinary' | 'bulk';

/** A database to measure on, empty at first, gone with the scope it was made for. */
export interface Database {
  readonly url: string;
  /** A connection that is closed with the scope. */
  connect(): Promise<Client>;
}

/** A PostgreSQL to measure on, as durable as any. */
export interface Server {
  /** whether it was started here */
  readonly own: boolean;
  /** `PostgreSQL 18.4` */
  readonly version: string;
  /** Makes an empty database. */
  scratch(scope: Scope): Promise<Database>;
  /** Makes a database with the tables of lineage, partitions about the present time included. */
  migrated(scope: Scope): Promise<Database>;
}

// What a server with a few gigabytes of memory is given; the same for both sides of every row.
const ORDINARY = {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  random_page_cost: '1.1',
};
// Rows go into new tables without a log; what is measured afterwards is written with one, as everywhere.
const BULK = {
  ...ORDINARY,
  wal_level: 'minimal',
  max_wal_senders: '0',
  maintenance_work_mem: '1GB',
  max_wal_size: '32GB',
};

/**
 * Gives the server that `databaseUrl` names, or starts one that is removed with the scope.
 * @throws when the server does not write durably: figures of such a one compare with nothing
 */
export async function openServer(
  databaseUrl: string | undefined,
  kind: ServerKind,
  scope: Scope,
): Promise<Server> {
  const url = databaseUrl ?? (await startOwn(kind, scope));
  const [settings] = await ask<{ version: string; fsync: string; commit: string }>(
    url,
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS commit`,
  );
  if (settings?.fsync !== 'on' || settings.commit !== 'on') {
    throw new Error('The server must run with fsync and synchronous_commit on');
  }
  const scratch = (within: Scope): Promise<Database> => createDatabase(url, within);
  return {
    own: databaseUrl === undefined,
    version: `PostgreSQL ${settings.version.split(' ')[0]}`,
    scratch,
    migrated: async (within) => {
      const database = await scratch(within);
      await migrateDatabase(database.url);
      return database;
    },
  };
}

async function startOwn(kind: ServerKind, scope: Scope): Promise<string> {
  const server = await startEmbeddedPostgres({
    dataDir: temporaryDataDir(),
    removeOnStop: true,
    settings: kind === 'bulk' ? BULK : ORDINARY,
  });
  scope.defer('stop PostgreSQL', () => server.stop());
  return server.url();
}

async function createDatabase(server: string, scope: Scope): Promise<Database> {
  const name = `factflow_bench_${randomBytes(6).toString('hex')}`;
  await ask(server, `CREATE DATABASE ${escapeIdentifier(name)}`);
  scope.defer(`drop the database ${name}`, () =>
    ask(server, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`),
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    connect: async () => {
      const client = new Client({ connectionString: url.href });
      // Cut off when Ctrl-C drops the database; the statement under way says so.
      client.on('error', () => undefined);
      await client.connect();
      scope.defer('close a connection', () => client.end());
      return client;
    },
  };
}

/** Makes the tables and the partitions about now, as the command app does, also where no app comes. */
async function migrateDatabase(url: string): Promise<void> {
  const dataSource = createDataSource({ url, poolSize: 2, applicationName: 'bench' });
  await dataSource.initialize();
  try {
    await migrate(dataSource);
    await ensurePartitions(dataSource, Date.now() - 30 * DAY_MS, Date.now() + 90 * DAY_MS);
  } finally {
    await dataSource.destroy();
  }
}

async function ask<Result extends object>(url: string, sql: string): Promise<Result[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<Result>(sql)).rows;
  } finally {
    await client.end();
  }
}
