import type { PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';

/**
 * A statement that every connection prepares when it first runs it. Planning one that touches partitioned tables costs
 * more with every partition, and more than running it on a small batch: so it is done once.
 */
export interface Statement {
  /** tells statements apart; at most 63 characters */
  readonly name: string;
  readonly sql: string;
}

/** Runs a prepared statement, in the transaction of `runner`. @throws the error of PostgreSQL, SQLSTATE as `code` */
export async function run<Row>(
  runner: QueryRunner,
  { name, sql }: Statement,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const client = (await runner.connect()) as PoolClient;
  const { rows } = await client.query({ name, text: sql, values: [...parameters] });
  return rows as Row[];
}
