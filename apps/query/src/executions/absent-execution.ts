import { formatTime } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { QueryError } from '../database/query-error';

/**
 * SQL that holds while rows of an execution are not on their way out: it is gone from the moment it has a tombstone. The
 * index lineage_tombstone_unfinished serves it, which is next to empty.
 */
export const notPruned = (executionId: string): string =>
  `NOT EXISTS (SELECT FROM lineage_tombstone t WHERE t.execution_id = ${executionId} AND t.rows_remain)`;

// Served by the primary key.
const PRUNED: Statement = {
  name: 'tombstone',
  sql: 'SELECT pruned_at FROM lineage_tombstone WHERE execution_id = $1',
};

/** Why an execution is not there, or undefined when nothing is known of it. */
export async function prunedExecution(reader: Reader, id: string): Promise<QueryError | undefined> {
  const [tombstone] = await reader.rows<{ pruned_at: Date }>(PRUNED, [id]);
  if (!tombstone) return undefined;
  const at = formatTime(tombstone.pruned_at.getTime());
  return new QueryError('execution_pruned', `Execution ${id} was pruned at ${at}.`);
}

/** The answer to a question about an execution that is not there. */
export const absentExecution = async (reader: Reader, id: string): Promise<QueryError> =>
  (await prunedExecution(reader, id)) ??
  new QueryError('execution_not_found', `There is no execution ${id}.`);
