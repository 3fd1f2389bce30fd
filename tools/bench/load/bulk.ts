import { escapeIdentifier, type Client } from 'pg';

// Rows go into a partition that is taken out of its table and has no index, and its indexes are made when it is full: on
// a server with wal_level=minimal nothing of that is written twice.

const PARTITIONS_SQL = `
  SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = $1::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' ORDER BY c.relname`;
const CONSTRAINTS_SQL = `
  SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
  WHERE conrelid = $1::regclass AND contype IN ('p', 'u')`;
const INDEXES_SQL = `
  SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)`;

interface Named {
  readonly name: string;
  readonly definition: string;
}

/** One partition to fill: a piece of work for one connection. */
export interface Part {
  readonly table: string;
  readonly partition: string;
  /** `FOR VALUES FROM ('…') TO ('…')` */
  readonly bound: string;
}

/** The partitions of a table, all but the default one. */
export async function partsOf(client: Client, table: string): Promise<Part[]> {
  const { rows } = await client.query<{ name: string; bound: string }>(PARTITIONS_SQL, [table]);
  return rows.map(({ name, bound }) => ({ table, partition: name, bound }));
}

/** Takes a partition out of its table. */
export const detach = (client: Client, { table, partition }: Part): Promise<unknown> =>
  client.query(`ALTER TABLE ${escapeIdentifier(table)} DETACH PARTITION ${escapeIdentifier(partition)}`);

/** Puts it back, with the indexes it has. */
export const attach = (client: Client, { table, partition, bound }: Part): Promise<unknown> =>
  client.query(
    `ALTER TABLE ${escapeIdentifier(table)} ATTACH PARTITION ${escapeIdentifier(partition)} ${bound}`,
  );

/**
 * Fills a partition that was taken out.
 * @param sql inserts all rows that belong between $1 and $2
 * @returns its rows
 */
export async function fill(client: Client, { partition, bound }: Part, sql: string): Promise<number> {
  const range = [...bound.matchAll(/'([0-9a-f-]{36})'/g)].map((match) => match[1]);
  const name = escapeIdentifier(partition);
  const { rows: constraints } = await client.query<Named>(CONSTRAINTS_SQL, [partition]);
  const { rows: indexes } = await client.query<Named>(INDEXES_SQL, [partition]);
  await client.query('BEGIN');
  for (const constraint of constraints)
    await client.query(`ALTER TABLE ${name} DROP CONSTRAINT ${escapeIdentifier(constraint.name)}`);
  for (const index of indexes) await client.query(`DROP INDEX ${escapeIdentifier(index.name)}`);
  await client.query(`TRUNCATE ${name}`);
  const { rowCount } = await client.query(sql, range);
  for (const { definition } of indexes) await client.query(definition);
  for (const constraint of constraints)
    await client.query(
      `ALTER TABLE ${name} ADD CONSTRAINT ${escapeIdentifier(constraint.name)} ${constraint.definition}`,
    );
  await client.query('COMMIT');
  await client.query(`VACUUM (ANALYZE) ${name}`);
  return rowCount ?? 0;
}
