import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { escapeIdentifier, type Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Scope } from '../scratch/scope';

// All tables of lineage that hold data, whatever they are called and however they are partitioned.
const TABLES_SQL = `
  SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname LIKE 'lineage\\_%' AND c.relname <> 'lineage_migration'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  GROUP BY c.relname ORDER BY c.relname`;

/** A table and the columns that are written, generated ones left out. */
interface TableColumns {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The rows of every table of a database, in files, in the order in which the tables hold them. */
export interface Dump {
  /**
   * Puts the rows into tables of the same names and returns after commit.
   * @param clients share the tables: each copies some of them, in one transaction of its own
   */
  copyInto(clients: readonly Client[]): Promise<void>;
  /** rows of all tables */
  readonly rows: number;
}

const tablesOf = async (client: Client): Promise<TableColumns[]> =>
  (await client.query<TableColumns>(TABLES_SQL)).rows;

/** The tables of lineage that hold data. */
export const tableNames = async (client: Client): Promise<string[]> =>
  (await tablesOf(client)).map(({ name }) => name);

/** Writes the rows of all tables of lineage to files that go with the scope. */
export async function dumpTables(client: Client, scope: Scope): Promise<Dump> {
  const folder = await mkdtemp(join(tmpdir(), 'factflow-bench-dump-'));
  scope.defer('remove the dumped rows', () => rm(folder, { recursive: true, force: true }));
  const tables = await tablesOf(client);
  let rows = 0;
  const sizes = new Map<string, number>();
  for (const table of tables) {
    const reading = client.query(
      copyTo(`COPY (SELECT ${list(table)} FROM ${escapeIdentifier(table.name)}) TO STDOUT`),
    );
    await pipeline(reading, createWriteStream(join(folder, table.name)));
    rows += reading.rowCount;
    sizes.set(table.name, reading.rowCount);
  }
  return {
    rows,
    copyInto: async (clients) => {
      const shares = sharesOf(tables, sizes, clients.length);
      await Promise.all(clients.map((client, n) => copyTables(client, shares[n] ?? [], folder)));
    },
  };
}

/** Tables for each connection: the largest that is left goes to whoever has the fewest rows. */
function sharesOf(
  tables: readonly TableColumns[],
  sizes: ReadonlyMap<string, number>,
  count: number,
): TableColumns[][] {
  const shares = Array.from({ length: count }, () => ({ rows: 0, tables: [] as TableColumns[] }));
  const sizeOf = ({ name }: TableColumns): number => sizes.get(name) ?? 0;
  for (const table of tables.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    const [least] = shares.toSorted((a, b) => a.rows - b.rows);
    least?.tables.push(table);
    if (least) least.rows += sizeOf(table);
  }
  return shares.map((share) => share.tables);
}

async function copyTables(client: Client, tables: readonly TableColumns[], folder: string): Promise<void> {
  await client.query('BEGIN');
  for (const table of tables) {
    const writing = client.query(
      copyFrom(`COPY ${escapeIdentifier(table.name)} (${list(table)}) FROM STDIN`),
    );
    const reading = createReadStream(join(folder, table.name), { highWaterMark: 1024 * 1024 });
    await pipeline(reading, writing);
  }
  await client.query('COMMIT');
}

const list = ({ columns }: TableColumns): string => columns.map(escapeIdentifier).join(', ');

/** Empties all tables of lineage, and has everything written so far on disk: where every run begins. */
export async function emptyTables(client: Client): Promise<void> {
  const names = (await tableNames(client)).map(escapeIdentifier);
  await client.query(`TRUNCATE ${names.join(', ')}`);
  await client.query('CHECKPOINT');
}

/** The columns of one table that are written. */
export async function columnsOf(client: Client, name: string): Promise<readonly string[]> {
  const table = (await tablesOf(client)).find((one) => one.name === name);
  if (!table) throw new Error(`there is no table ${name}`);
  return table.columns;
}

/** Rows of a table. */
export async function countRows(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) AS count FROM ${escapeIdentifier(table)}`,
  );
  return Number(rows[0]?.count);
}
