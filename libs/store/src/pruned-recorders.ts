import type { QueryRunner } from 'typeorm';

// What was accepted of a recorder is no longer all in the log once an execution it was seen in is pruned. That is written
// down in the transaction in which its coverage goes, and before its events do: whoever misses them finds why.

// Served by the primary key of the partition.
const seenSql = (suffix: string): string => `
  SELECT DISTINCT c.recorder_id FROM lineage_coverage_${suffix} c
  WHERE $1::uuid[] IS NULL OR c.execution_id = ANY($1::uuid[])`;
// Served by the primary key, and in its order: as those who write down what has arrived.
const MARK_SQL = `
  WITH found AS (
    SELECT o.recorder_id FROM lineage_recorder o WHERE o.recorder_id = ANY($1::uuid[]) AND NOT o.pruned
    ORDER BY o.recorder_id FOR NO KEY UPDATE)
  UPDATE lineage_recorder o SET pruned = true FROM found WHERE o.recorder_id = found.recorder_id`;

/**
 * Recorders that were seen in executions of a partition.
 * @param suffix of the partition, from the catalogue
 * @param executionIds null: all of the partition
 */
export async function recordersSeen(
  runner: QueryRunner,
  suffix: string,
  executionIds: readonly string[] | null,
): Promise<readonly string[]> {
  const rows = (await runner.query(seenSql(suffix), [executionIds])) as { recorder_id: string }[];
  return rows.map((row) => row.recorder_id);
}

/** Writes down that executions were pruned that these recorders were seen in. */
export async function markPruned(runner: QueryRunner, recorderIds: readonly string[]): Promise<void> {
  if (recorderIds.length > 0) await runner.query(MARK_SQL, [recorderIds]);
}
