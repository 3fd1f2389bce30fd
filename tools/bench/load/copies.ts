import { append, createDataSource, ensurePartitions, INGEST_SETTINGS } from '@factflow/store';
import { escapeIdentifier, type Client } from 'pg';
import type { Database } from '../../scratch/server';
import { tableNames } from '../tables';
import {
  TEMPLATE_EXECUTION,
  TEMPLATE_HASHES,
  TEMPLATE_IDS,
  TEMPLATE_MS,
  templateEvents,
  TREE_RECORDS,
} from './template';

const TREES = 20;
/** Records of one copy. */
export const COPY_RECORDS = TREES * TREE_RECORDS;

/** How copies of the template are laid out. */
export interface Layout {
  /** how many, of 1,000 records each */
  readonly copies: number;
  /** when the first begins, milliseconds since 1970 */
  readonly startMs: number;
  /** how far apart they are, milliseconds */
  readonly stepMs: number;
  /** whether all are parts of one execution instead of one each */
  readonly oneExecution: boolean;
}

/** Holds what every copy of the template has in place of the template's ids and hashes, and how much later it is. */
const COPIES = 'bench_copy';
/** The table that keeps the template's rows of a table of lineage. */
const templateOf = (table: string): string => `bench_template_${table}`;

// Ids are of version 7: they begin with the time of the execution, and md5 gives every copy digits of its own.
const idHead = (digits: string): string =>
  `substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' || substr(${digits}, 1, 3) || '-8' || substr(${digits}, 4, 3) || '-'`;

const copiesSql = ({ copies, startMs, stepMs, oneExecution }: Layout): string => `
  CREATE UNLOGGED TABLE ${COPIES} AS
  SELECT n, execution_text::uuid AS execution_id, execution_text, ${idHead('y')} || substr(y, 7, 8) AS ids, md5(y) AS hashes,
    make_interval(secs => (ms - ${TEMPLATE_MS}) / 1000.0) AS later
  FROM (SELECT *, ${idHead('x')} || substr(x, 7, 12) AS execution_text
    FROM (SELECT n, ms, lpad(to_hex(ms), 12, '0') AS h,
        md5('execution ' || ms || ' ' || ${oneExecution ? '0' : 'n'}) AS x, md5('record ' || ms || ' ' || n) AS y
      FROM (SELECT n, ${startMs} + ${stepMs}::bigint * n AS ms FROM generate_series(0, ${copies} - 1) n) timed) digits) copy`;

/** Makes an empty, migrated database ready to be filled: partitions for all times, the template and the list of copies. */
export async function prepareCopies(database: Database, client: Client, layout: Layout): Promise<void> {
  const dataSource = createDataSource({
    url: database.url,
    poolSize: 2,
    applicationName: 'bench',
    settings: INGEST_SETTINGS,
  });
  await dataSource.initialize();
  try {
    await append(dataSource, templateEvents(TREES));
    await ensurePartitions(dataSource, layout.startMs, layout.startMs + layout.copies * layout.stepMs);
  } finally {
    await dataSource.destroy();
  }
  const tables = await tableNames(client);
  for (const table of tables)
    await client.query(
      `CREATE UNLOGGED TABLE ${templateOf(table)} AS SELECT * FROM ${escapeIdentifier(table)}`,
    );
  await client.query(`TRUNCATE ${tables.map(escapeIdentifier).join(', ')}`);
  await client.query(copiesSql(layout));
  await client.query(`CREATE INDEX ON ${COPIES} (execution_id)`);
}

/** Removes what only loading needs. */
export async function forgetCopies(client: Client): Promise<void> {
  const names = [COPIES, ...(await tableNames(client)).map(templateOf)];
  await client.query(`DROP TABLE ${names.map(escapeIdentifier).join(', ')}`);
}

const COLUMNS_SQL = `
  SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type
  FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  ORDER BY a.attnum`;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What is told once of an execution, however many copies it is made of. */
const ONCE: Readonly<Record<string, string>> = {
  lineage_event: 't.record_id IS NOT NULL OR c.n = 0',
  lineage_execution: 'c.n = 0',
  lineage_statistics: 'c.n = 0',
};

/**
 * SQL that fills `target`, which has the columns of a table of lineage, with all copies whose execution has an id from
 * $1 up to $2. Columns in which the template has nothing to replace travel as they are.
 */
export async function fillingSql(
  client: Client,
  table: string,
  target: string,
  layout: Layout,
): Promise<string> {
  const { rows: columns } = await client.query<Column>(COLUMNS_SQL, [table]);
  const expressions: string[] = [];
  for (const column of columns) expressions.push(await expressionOf(client, table, column));
  const once = layout.oneExecution ? (ONCE[table] ?? 'true') : 'true';
  // `OFFSET 0` and a condition on `c` keep the rows of a copy together, in the order of the template.
  return `
    INSERT INTO ${escapeIdentifier(target)} (${columns.map(({ name }) => escapeIdentifier(name)).join(', ')})
    SELECT ${expressions.join(', ')}
    FROM (SELECT * FROM ${COPIES} WHERE execution_id >= $1 AND execution_id < $2 ORDER BY n OFFSET 0) c
    CROSS JOIN LATERAL (SELECT * FROM ${templateOf(table)} WHERE c.n IS NOT NULL OFFSET 0) t
    WHERE ${once}`;
}

const REPLACED: readonly (readonly [template: string, column: string])[] = [
  [TEMPLATE_EXECUTION, 'execution_text'],
  [TEMPLATE_IDS, 'ids'],
  [TEMPLATE_HASHES, 'hashes'],
];

async function expressionOf(client: Client, table: string, { name, type }: Column): Promise<string> {
  const column = `t.${escapeIdentifier(name)}`;
  if (name === 'execution_id') return 'c.execution_id';
  if (type === 'timestamp with time zone') return `${column} + c.later`;
  let text = `${column}::text`;
  let replaced = 0;
  for (const [template, by] of REPLACED) {
    const { rowCount } = await client.query(
      `SELECT FROM ${templateOf(table)} t WHERE position($1 in ${column}::text) > 0 LIMIT 1`,
      [template],
    );
    if (!rowCount) continue;
    text = `replace(${text}, '${template}', c.${by})`;
    replaced += 1;
  }
  if (replaced === 0) return column;
  return type === 'text' ? text : `${text}::${type}`;
}

const SUMS = ['bigint', 'numeric'];

/** Makes the sums of the one execution what its copies come to together. */
export async function sumCopies(client: Client, { copies }: Layout): Promise<void> {
  for (const table of ['lineage_execution', 'lineage_statistics']) {
    const { rows: columns } = await client.query<Column>(COLUMNS_SQL, [table]);
    const sums = columns
      .filter(({ type }) => SUMS.includes(type))
      .map(({ name }) => `${name} = ${name} * ${copies}`);
    await client.query(`UPDATE ${table} SET ${sums.join(', ')}`);
  }
  await client.query(`
    UPDATE lineage_statistics SET durations = (
      SELECT jsonb_object_agg(key, value::bigint * ${copies}) FROM jsonb_each_text(durations))`);
}
