import { formatTime, type Problem } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';

// Served by the primary key.
const TOMBSTONES_SQL = `SELECT execution_id, pruned_at FROM lineage_tombstone WHERE execution_id = ANY($1::uuid[])`;

interface TombstoneRow {
  readonly execution_id: string;
  readonly pruned_at: Date;
}

/**
 * Which of these executions have been pruned, and when. Who asks in a transaction that holds their lane can rely on the
 * answer until it ends: tombstones are set under the lane.
 */
export async function tombstonesOf(
  runner: QueryRunner,
  executionIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = (await runner.query(TOMBSTONES_SQL, [executionIds])) as TombstoneRow[];
  return new Map(rows.map((row) => [row.execution_id, row.pruned_at]));
}

/** What is to be said of an event of an execution that was pruned. */
export const prunedProblem = (prunedAt: Date): Problem => ({
  code: 'pruned',
  message: `execution_id: this execution was pruned at ${formatTime(prunedAt.getTime())}`,
});
