import { types, type CustomTypesConfig, type PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';

/**
 * A statement whose text never changes. Every connection prepares it when it first runs it: planning one that touches
 * partitioned tables costs more with every partition, and more than a look-up or a small batch does.
 */
export interface Statement {
  /** tells statements apart; at most 63 characters */
  readonly name: string;
  readonly sql: string;
}

const TIMESTAMPTZ: number = types.builtins.TIMESTAMPTZ;

/** As `2026-11-24 12:00:00.123+00`: every connection of ours is set to UTC, which leaves nothing to find out. */
const parseUtc = (text: string): Date => new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);

const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary' = 'text') =>
    oid === TIMESTAMPTZ ? parseUtc : types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
};

/** The connection of a runner, which is lent until the runner is released. */
export const clientOf = async (runner: QueryRunner): Promise<PoolClient> =>
  (await runner.connect()) as PoolClient;

/** Runs a statement on a connection of `createDataSource`. @throws the error of PostgreSQL, SQLSTATE as `code` */
export async function run<Row>(
  client: PoolClient,
  { name, sql }: Statement,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await client.query({ name, text: sql, values: [...parameters], types: TYPES });
  return rows as Row[];
}
