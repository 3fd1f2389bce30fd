import { canonicalJson, formatTime } from '@factflow/domain';
import type { ColumnType, Table } from './table';

// Rows as PostgreSQL writes them, held against the states they should have been written from. The tables say what stands
// in which column, so that a column that is added is compared as well.

/** A row as texts, column by column, in the order of the table's columns. */
export type RowTexts = readonly (string | null)[];

/** A column whose value is not what it should be, both as text; times as RFC 3339. */
export interface FieldDifference {
  readonly field: string;
  readonly stored: string | null;
  readonly expected: string | null;
}

/**
 * The columns of a row that differ from those of a state.
 * @param skipped columns that are not compared
 */
export function differencesOf<State>(
  table: Table<State>,
  stored: RowTexts,
  state: State,
  skipped: ReadonlySet<string> = new Set(),
): FieldDifference[] {
  const differences: FieldDifference[] = [];
  Object.entries(table.columns).forEach(([field, [type, valueOf]], place) => {
    if (skipped.has(field)) return;
    const given = stored[place] ?? null;
    const value = valueOf(state) ?? null;
    if (given === null && value === null) return;
    const expected = value === null ? null : textOf(type, value);
    const shown = given === null ? null : shownText(type, given);
    if (shown === expected) return;
    if (type === 'jsonb' && shown !== null && expected !== null)
      differences.push(...differencesWithin(field, JSON.parse(shown), JSON.parse(expected)));
    else differences.push({ field, stored: shown, expected });
  });
  return differences;
}

/** What differs within a value, key by key where both are objects: long ones may be alike but for one key. */
function differencesWithin(field: string, stored: unknown, expected: unknown): FieldDifference[] {
  const [has, should] = [stored, expected].map(fieldsOf);
  if (!has || !should) return [{ field, stored: jsonOf(stored), expected: jsonOf(expected) }];
  return [...new Set([...should.keys(), ...has.keys()])]
    .map((key) => ({
      field: `${field}.${key}`,
      stored: jsonOf(has.get(key)),
      expected: jsonOf(should.get(key)),
    }))
    .filter((one) => one.stored !== one.expected);
}

const fieldsOf = (value: unknown): Map<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined;
const jsonOf = (value: unknown): string | null => (value === undefined ? null : canonicalJson(value));

/** A value as it is compared. */
function textOf(type: ColumnType, value: unknown): string {
  if (type === 'timestamptz(3)') return formatTime(value as number);
  if (type === 'json' || type === 'jsonb') return canonicalJson(value);
  return type === 'uuid[]' ? `{${(value as readonly string[]).join(',')}}` : String(value);
}

/** What PostgreSQL has written in the same form; as it stands where it has none. */
function shownText(type: ColumnType, text: string): string {
  if (type === 'boolean') return text === 't' ? 'true' : 'false';
  if (type === 'json' || type === 'jsonb') return canonicalJson(JSON.parse(text));
  if (type !== 'timestamptz(3)') return text;
  const time = timeOfText(text);
  return time === undefined ? text : formatTime(time);
}

const UTC_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,3})?\+00$/;

/** Milliseconds since 1970 of a time as a connection set to ISO and UTC writes it. */
export const timeOfText = (text: string): number | undefined =>
  UTC_TIME.test(text) ? Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : undefined;
