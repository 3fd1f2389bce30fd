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
  /** Starts it again on its port, if it is stopped; returns when it takes connections. */
  start(): Promise<void>;
  query<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]>;
}

/** Starts an embedded server, as durable as any, that is removed with the scope. */
export async function openDatabase(scope: Scope): Promise<Database> {
  const dataDir = temporaryDataDir();
  scope.defer('remove the database', () => rm(dataDir, { recursive: true, force: true }));
  // A promise, so that Ctrl-C finds what is being started, too.
  let starting = startEmbeddedPostgres({ dataDir });
  scope.defer('stop PostgreSQL', async () => (await starting).stop());
  const { port, ...server } = await starting;
  const url = server.url();
  let stopped = false;
  return {
    url,
    stop: async () => {
      await (await starting).stop();
      stopped = true;
    },
    start: async () => {
      if (stopped) starting = startEmbeddedPostgres({ dataDir, port });
      stopped = false;
      await starting;
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
