import { clientOf } from '@factflow/store';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type PgBoss from 'pg-boss';
import type { Database } from '../database/database';
import { FurtherSource } from '../database/further-source';

/** Two to check what is asked for, which takes long, and the rest for leases and the rounds. */
const POOL_SIZE = 6;

/** Where statements run. */
export interface Rows {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A transaction; the queue takes part in it through `db`. */
export interface Transaction extends Rows {
  readonly db: PgBoss.Db;
}

/** Connections of replays. */
@Injectable()
export class ReplaySource extends FurtherSource implements Rows {
  constructor(database: Database, databaseUrl: string) {
    super(database, {
      url: databaseUrl,
      poolSize: POOL_SIZE,
      applicationName: 'factflow-replay',
      connectTimeoutMs: 5000,
    });
  }

  /** @throws when the database cannot be reached now */
  rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.withClient((client) => rowsOf<Row>(client, sql, parameters));
  }

  /** Runs what the queue wants on a connection of its own. It may begin a transaction in it that fails. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }> {
    return this.withClient(async (client) => {
      try {
        return await client.query<Record<string, unknown>>(text, values && [...values]);
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Does work in one transaction: all of it is done, or nothing. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.withClient(async (client) => {
      await client.query('BEGIN');
      try {
        const result = await work(transactionOn(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // The connection may be gone: what failed first is what the caller must hear.
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  private async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const runner = (await this.open()).createQueryRunner();
    try {
      return await work(await clientOf(runner));
    } finally {
      await runner.release();
    }
  }
}

async function rowsOf<Row>(client: PoolClient, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
  const { rows } = await client.query(sql, [...parameters]);
  return rows as Row[];
}

const transactionOn = (client: PoolClient): Transaction => ({
  rows: <Row>(sql: string, parameters: readonly unknown[] = []) => rowsOf<Row>(client, sql, parameters),
  db: { executeSql: (text, values: unknown[]) => client.query<Record<string, unknown>>(text, values) },
});
