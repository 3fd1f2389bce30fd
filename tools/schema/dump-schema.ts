import type { DataSource } from 'typeorm';

// The catalogue speaks for itself through pg_get_constraintdef and pg_get_indexdef, which say the same on every
// version from 15 on. NOT NULL stands with its column: from version 18 on it is a constraint as well.

interface TableRow {
  readonly name: string;
  readonly options: string[] | null;
  /** what a partitioned table is partitioned by */
  readonly partitioned: string | null;
  readonly partitions: { readonly name: string; readonly bound: string; readonly options: string[] | null }[];
  readonly columns: {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly value: string | null;
    readonly generated: boolean;
  }[];
  readonly constraints: { readonly name: string; readonly definition: string }[];
  readonly indexes: string[];
}

const TABLES_SQL = `
  SELECT c.relname AS name, c.reloptions AS options, pg_get_partkeydef(c.oid) AS partitioned,
    (SELECT coalesce(json_agg(json_build_object('name', p.relname, 'options', p.reloptions,
        'bound', pg_get_expr(p.relpartbound, p.oid)) ORDER BY p.relname), '[]')
      FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid WHERE i.inhparent = c.oid) AS partitions,
    (SELECT json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
        'value', pg_get_expr(d.adbin, d.adrelid), 'generated', a.attgenerated = 's') ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(json_agg(json_build_object('name', o.conname, 'definition', pg_get_constraintdef(o.oid))
        ORDER BY o.contype DESC, o.conname), '[]')
      FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype <> 'n') AS constraints,
    (SELECT coalesce(json_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text), '[]')
      FROM pg_index i WHERE i.indrelid = c.oid
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)) AS indexes
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname LIKE 'lineage\\_%'
  ORDER BY c.relname`;

const HEADER =
  '-- The schema as the migrations make it, for reading. Written by npm run schema; never edited by hand.\n';

/** The tables of lineage as SQL, in a stable order. */
export async function dumpSchema(dataSource: DataSource): Promise<string> {
  const tables: TableRow[] = await dataSource.query(TABLES_SQL);
  return [HEADER, ...tables.map(tableOf)].join('\n');
}

function tableOf({
  name,
  options,
  partitioned,
  partitions,
  columns,
  constraints,
  indexes,
}: TableRow): string {
  const lines = [
    ...columns.map((column) =>
      [column.name, column.type, column.required ? 'NOT NULL' : '', valueOf(column)]
        .filter(Boolean)
        .join(' '),
    ),
    ...constraints.map((constraint) => `CONSTRAINT ${constraint.name} ${constraint.definition}`),
  ];
  const by = partitioned === null ? '' : ` PARTITION BY ${partitioned}`;
  return [
    `CREATE TABLE ${name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)${by}${storage(options)};\n`,
    ...indexes.map((index) => `${index.replace(/ ON (ONLY )?public\./, ' ON ')};\n`),
    ...partitions.map(
      (partition) =>
        `CREATE TABLE ${partition.name} PARTITION OF ${name} ${partition.bound}${storage(partition.options)};\n`,
    ),
  ].join('');
}

const storage = (options: string[] | null): string => (options ? ` WITH (${options.join(', ')})` : '');

function valueOf({ value, generated }: TableRow['columns'][number]): string {
  if (value === null) return '';
  return generated
    ? `GENERATED ALWAYS AS (${value.replaceAll(/\s+/g, ' ').trim()}) STORED`
    : `DEFAULT ${value}`;
}
