import fc from 'fast-check';
import { copyRows } from './copy';
import type { Table } from './table';
import { migratedDatabase, type MigratedDatabase } from './testing';

interface Row {
  readonly n: number;
  readonly id: string;
  readonly ids: readonly string[] | null;
  readonly text: string | null;
  readonly value: object | null;
  readonly flag: boolean | null;
  readonly big: number | null;
  readonly at: number | null;
}

const ROWS: Table<Row> = {
  name: 'copied',
  key: ['n'],
  columns: {
    n: ['integer', (row) => row.n],
    id: ['uuid', (row) => row.id],
    ids: ['uuid[]', (row) => row.ids],
    text: ['text', (row) => row.text],
    json: ['json', (row) => row.value && JSON.stringify(row.value)],
    jsonb: ['jsonb', (row) => row.value],
    flag: ['boolean', (row) => row.flag],
    big: ['bigint', (row) => row.big],
    at: ['timestamptz(3)', (row) => row.at],
  },
};

let database: MigratedDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
  const columns = Object.entries(ROWS.columns).map(([name, [type]]) => `"${name}" ${type}`);
  await database.dataSource.query(`CREATE TABLE copied (${columns.join(', ')})`);
});
afterAll(() => database.drop());

// What normalised events hold: well-formed text without NUL.
const text = fc
  .string({ unit: 'grapheme', maxLength: 400 })
  .map((any) => any.toWellFormed().replaceAll('\0', ''));
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value);
const aRow = fc.record({
  id: fc.uuid(),
  ids: maybe(fc.array(fc.uuid(), { maxLength: 20 })),
  text: maybe(fc.oneof(text, fc.constant('x'.repeat(100_000)), fc.constant('\\N\t\n\r'))),
  value: maybe(fc.dictionary(fc.constantFrom('a', 'ä', '☃'), fc.oneof(text, fc.integer(), fc.boolean()))),
  flag: maybe(fc.boolean()),
  big: maybe(
    fc.oneof(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.constant(Number.MAX_SAFE_INTEGER)),
  ),
  at: maybe(
    fc.oneof(
      fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) }),
      fc.constantFrom(0, Date.UTC(2000, 0, 1), Date.UTC(9999, 11, 31, 23, 59, 59, 999)),
    ),
  ),
});

it('rows come out of PostgreSQL as they were copied, whatever they hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aRow, { maxLength: 30 }), async (drawn) => {
      const rows = drawn.map((row, n): Row => ({ ...row, n }));
      const runner = database.dataSource.createQueryRunner();
      try {
        await runner.query('TRUNCATE copied');
        await copyRows(runner, ROWS, rows);
        const found = (await runner.query(
          `SELECT n, id, ids, text, json AS value, jsonb, flag, big::text, (extract(epoch FROM at) * 1000)::bigint::text AS at
           FROM copied ORDER BY n`,
        )) as Record<string, unknown>[];
        const textOf = (value: number | null): string | null => (value === null ? null : String(value));
        expect(found).toEqual(
          rows.map((row) => ({ ...row, jsonb: row.value, big: textOf(row.big), at: textOf(row.at) })),
        );
      } finally {
        await runner.release();
      }
    }),
    { numRuns: 60 },
  );
});
