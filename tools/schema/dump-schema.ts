import type { DataSource } from 'typeorm';

// The catalogue speaks for itself through pg_get_constraintdef and pg_get_indexdef, which say the same on every
// version from 15 on. NOT NULL stands with its column: from version 18 on it is a constraint as well.

interface TableRow {
  readonly name: string;
  readonly options: string[] | null;
  readonly columns: {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly value: string | null;
  }[];
  readonly constraints: { readonly name: string; readonly definition: string }[];
  readonly indexes: string[];
}

const TABLES_SQL = `
  SELECT c.relname AS name, c.reloptions AS options,
    (SELECT json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
        'value', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(json_agg(json_build_object('name', o.conname, 'definition', pg_get_constraintdef(o.oid))
        ORDER BY o.contype DESC, o.conname), '[]')
      FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype <> 'n') AS constraints,
    (SELECT coalesce(json_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text), '[]')
      FROM pg_index i WHERE i.indrelid = c.oid
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)) AS indexes
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname LIKE 'lineage\\_%'
  ORDER BY c.relname`;

const HEADER =
  '-- The schema as the migrations make it, for reading. Written by npm run schema; never edited by hand.\n';

/** The tables of lineage as SQL, in a stable order. */
export async function dumpSchema(dataSource: DataSource): Promise<string> {
  const tables: TableRow[] = await dataSource.query(TABLES_SQL);
  return [HEADER, ...tables.map(tableOf)].join('\n');
}

function tableOf({ name, options, columns, constraints, indexes }: TableRow): string {
  const lines = [
    ...columns.map((column) =>
      [
        column.name,
        column.type,
        column.required ? 'NOT NULL' : '',
        column.value === null ? '' : `DEFAULT ${column.value}`,
      ]
        .filter(Boolean)
        .join(' '),
    ),
    ...constraints.map((constraint) => `CONSTRAINT ${constraint.name} ${constraint.definition}`),
  ];
  const storage = options ? ` WITH (${options.join(', ')})` : '';
  const table = `CREATE TABLE ${name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)${storage};\n`;
  return [
    table,
    ...indexes.map((index) => `${index.replace(' public.', ' ').replace(' ON public.', ' ON ')};\n`),
  ].join('');
}
