/** A column: its type, and its value for one state. */
export type Column<State> = readonly [type: string, value: (state: State) => unknown];

/** How states are written as rows of a table. */
export interface Table<State> {
  readonly name: string;
  readonly columns: Readonly<Record<string, Column<State>>>;
  /** the columns that tell rows apart */
  readonly key: readonly string[];
}

// A batch of rows travels as one JSON parameter: `jsonOf` makes it, and the statements below read it.

const namesOf = (table: Table<never>): string[] => Object.keys(table.columns);
const notInKey = (table: Table<never>): string[] =>
  namesOf(table).filter((name) => !table.key.includes(name));
const rowsSql = ({ columns }: Table<never>, names: readonly string[]): string =>
  `json_to_recordset($1::json) AS r(${names.map((name) => `${name} ${columns[name]?.[0]}`).join(', ')})`;
const sameKey = ({ key }: Table<never>): string => key.map((name) => `t.${name} = r.${name}`).join(' AND ');
const assignments = (table: Table<never>, from: string): string =>
  notInKey(table)
    .map((name) => `${name} = ${from}.${name}`)
    .join(', ');

/** The columns of a table, for a select from `alias`. */
export const columnsOf = (table: Table<never>, alias: string): string =>
  namesOf(table)
    .map((name) => `${alias}.${name}`)
    .join(', ');

/** SQL that inserts rows. */
export const insertSql = (table: Table<never>): string => {
  const names = namesOf(table);
  return `INSERT INTO ${table.name} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${rowsSql(table, names)}`;
};

/** SQL that inserts rows, or replaces those that have the same key. */
export const upsertSql = (table: Table<never>): string =>
  `${insertSql(table)} ON CONFLICT (${table.key.join(', ')}) DO UPDATE SET ${assignments(table, 'excluded')}`;

/** SQL that sets the columns of rows that are there. */
export const updateSql = (table: Table<never>): string =>
  `UPDATE ${table.name} t SET ${assignments(table, 'r')} FROM ${rowsSql(table, namesOf(table))} WHERE ${sameKey(table)}`;

/** SQL that deletes the rows of given keys. */
export const deleteSql = (table: Table<never>): string =>
  `DELETE FROM ${table.name} t USING ${rowsSql(table, table.key)} WHERE ${sameKey(table)}`;

/** States as the parameter of these statements. */
export function jsonOf<State>({ columns }: Table<State>, states: readonly State[]): string {
  const entries = Object.entries(columns);
  const rows = states.map((state) => {
    const row: Record<string, unknown> = {};
    for (const [name, [, value]] of entries) row[name] = value(state);
    return row;
  });
  return JSON.stringify(rows);
}
