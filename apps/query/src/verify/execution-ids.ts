import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';

const PAGE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
/** An execution that has lost its events, or its row, is one all the same. */
const TABLES = ['event', 'record', 'join', 'execution', 'statistics'].map((name) => `lineage_${name}`);

const one = (condition: string, order = ''): string[] =>
  TABLES.map(
    (table) =>
      `(SELECT t.execution_id FROM ${table} t ${condition} ORDER BY t.execution_id ${order} LIMIT 1)`,
  );
const next = (after: string): string => `least(${one(`WHERE t.execution_id ${after}`).join(', ')})`;

// Each step of the recursion looks once into the primary key of each table.
const pageFrom = (name: string, after: '>' | '>='): Statement => ({
  name,
  sql: `
  WITH RECURSIVE found(id) AS (
    SELECT ${next(`${after} $1::uuid`)}
    UNION ALL SELECT ${next('> found.id')} FROM found WHERE found.id IS NOT NULL
  )
  SELECT id FROM found WHERE id <= $2::uuid LIMIT ${PAGE}`,
});
const FIRST_PAGE = pageFrom('verify_first_executions', '>=');
const NEXT_PAGE = pageFrom('verify_next_executions', '>');
const LAST: Statement = {
  name: 'verify_last_execution',
  sql: `SELECT greatest(${one('', 'DESC').join(', ')})`,
};
const EXISTS: Statement = {
  name: 'verify_execution_exists',
  sql: `SELECT ${TABLES.map((table) => `EXISTS (SELECT FROM ${table} WHERE execution_id = $1)`).join(' OR ')}`,
};

/** The ids of all executions that were there at the beginning, one after another: those that come meanwhile do not keep it busy. */
export async function* executionIds(reader: Reader): AsyncGenerator<string, void, undefined> {
  const [last] = await reader.texts(LAST, []);
  const end = last?.[0];
  let after: string | undefined;
  while (end) {
    const rows = await reader.texts(after === undefined ? FIRST_PAGE : NEXT_PAGE, [after ?? FIRST_ID, end]);
    for (const [id] of rows) yield id ?? '';
    after = rows.at(-1)?.[0] ?? undefined;
    if (after === undefined) return;
  }
}

/** Whether anything is stored of an execution. */
export async function isStored(reader: Reader, executionId: string): Promise<boolean> {
  const [row] = await reader.texts(EXISTS, [executionId]);
  return row?.[0] === 't';
}
