import { formatTime } from '@factflow/domain';

/** Types of columns, as PostgreSQL names them. */
export type ColumnType =
  | 'uuid'
  | 'uuid[]'
  | 'text'
  | 'json'
  | 'jsonb'
  | 'boolean'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'timestamptz(3)';

/**
 * A column: its type, and its value for one state. Times are milliseconds since 1970, `json` is text already, `jsonb` a
 * value; absent is null or undefined.
 */
export type Column<State> = readonly [type: ColumnType, value: (state: State) => unknown];

/** How states are written as rows of a table. */
export interface Table<State> {
  readonly name: string;
  readonly columns: Readonly<Record<string, Column<State>>>;
  /** the columns that tell rows apart */
  readonly key: readonly string[];
}

// A batch of rows travels as one JSON parameter: `jsonOf` makes it, and the statements below read it as `r`. Names stand in
// it once for every value: columns go by their place, and what is null is left out.

const namesOf = (table: Table<never>): string[] => Object.keys(table.columns);
const notInKey = (table: Table<never>): string[] =>
  namesOf(table).filter((name) => !table.key.includes(name));
const keyOf = (place: number): string => `c${place}`;
const given = (table: Table<never>, name: string): string => `r.${keyOf(namesOf(table).indexOf(name))}`;
const rowsSql = ({ columns }: Table<never>): string =>
  `json_to_recordset($1::json) AS r(${Object.values(columns)
    .map(([type], place) => `${keyOf(place)} ${type}`)
    .join(', ')})`;
const sameKey = (table: Table<never>): string =>
  table.key.map((name) => `t.${name} = ${given(table, name)}`).join(' AND ');

/** The columns of a table, for a select from `alias`. */
export const columnsOf = (table: Table<never>, alias: string): string =>
  namesOf(table)
    .map((name) => `${alias}.${name}`)
    .join(', ');

/** SQL that inserts rows. */
const insertSql = (table: Table<never>): string => {
  const names = namesOf(table);
  const values = names.map((name) => given(table, name));
  return `INSERT INTO ${table.name} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${rowsSql(table)}`;
};

/** SQL that inserts rows, or replaces those that have the same key. */
export const upsertSql = (table: Table<never>): string => {
  const assignments = notInKey(table).map((name) => `${name} = excluded.${name}`);
  return `${insertSql(table)} ON CONFLICT (${table.key.join(', ')}) DO UPDATE SET ${assignments.join(', ')}`;
};

/** SQL that sets the columns of rows that are there. */
export const updateSql = (table: Table<never>): string => {
  const assignments = notInKey(table).map((name) => `${name} = ${given(table, name)}`);
  return `UPDATE ${table.name} t SET ${assignments.join(', ')} FROM ${rowsSql(table)} WHERE ${sameKey(table)}`;
};

/** SQL that deletes rows. */
export const deleteSql = (table: Table<never>): string =>
  `DELETE FROM ${table.name} t USING ${rowsSql(table)} WHERE ${sameKey(table)}`;

const inJson = (type: ColumnType, value: unknown): unknown =>
  type === 'timestamptz(3)' ? formatTime(value as number) : value;

/** States as the parameter of these statements. */
export function jsonOf<State>({ columns }: Table<State>, states: readonly State[]): string {
  const entries = Object.values(columns).map(([type, value], place) => [keyOf(place), type, value] as const);
  const rows = states.map((state) => {
    const row: Record<string, unknown> = {};
    for (const [key, type, value] of entries) {
      const given = value(state);
      if (given !== null && given !== undefined) row[key] = inJson(type, given);
    }
    return row;
  });
  return JSON.stringify(rows);
}
