import type { RecordStatus } from '@factflow/domain';
import type { Rows } from './replay-source';

/** An attempt at a message, by its record. */
export interface AttemptRecord {
  readonly execution_id: string;
  readonly id: string;
}

// Served by the primary key.
const STATUSES_SQL = `
  SELECT r.id, r.status FROM json_to_recordset($1::json) AS k(execution_id uuid, id uuid)
  JOIN lineage_record r USING (execution_id, id) WHERE r.status <> 'pending'`;

/** What has become of records that have ended, by their id. */
export async function endedRecords(
  rows: Rows,
  records: readonly AttemptRecord[],
): Promise<ReadonlyMap<string, Exclude<RecordStatus, 'pending'>>> {
  if (records.length === 0) return new Map();
  const found = await rows.rows<{ id: string; status: Exclude<RecordStatus, 'pending'> }>(STATUSES_SQL, [
    JSON.stringify(records.map(({ execution_id, id }) => ({ execution_id, id }))),
  ]);
  return new Map(found.map(({ id, status }) => [id, status]));
}
