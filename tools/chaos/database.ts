import { startEmbeddedPostgres, temporaryDataDir } from '@factflow/postgres';
import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import type { Scope } from '../scratch/scope';

/** A PostgreSQL that can be taken away and brought back, with what is in it. */
export interface Database {
  /** the same before and after */
  readonly url: string;
  /** Stops the server, for real. */
  stop(): Promise<void>;
  /** Starts it again on its port; returns when it takes connections. */
  start(): Promise<void>;
  query<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]>;
}

/** Starts an embedded server, as durable as any, that is removed with the scope. */
export async function openDatabase(scope: Scope): Promise<Database> {
  const dataDir = temporaryDataDir();
  scope.defer('remove the database', () => rm(dataDir, { recursive: true, force: true }));
  let server = await startEmbeddedPostgres({ dataDir });
  scope.defer('stop PostgreSQL', () => server.stop());
  const { port } = server;
  const url = server.url();
  return {
    url,
    stop: () => server.stop(),
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir, port });
    },
    query: async <Row extends object>(sql: string, values: readonly unknown[]) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Row>(sql, [...values])).rows;
      } finally {
        await client.end();
      }
    },
  };
}
