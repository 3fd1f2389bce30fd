import type { Reader } from '../database/database';
import type { Statement } from '../database/statement';
import type { Attempt, FailedRecord } from './failed-record';
import type { LineageRecord } from './lineage-record';

/** Retries that name each other instead of the first attempt are followed so far, round a circle as well. */
const STEPS = 20;

// In the order of both indexes: a completed attempt first, else the latest one.
const columns = `r.id, r.execution_id, r.status, r.completion`;
const order = `(r.status <> 'completed'), r.registered_at DESC, r.id DESC`;

// Served by lineage_record_retry and lineage_record_replay: one entry is read for a record, however often it was tried.
// `resume` has every retry name the first attempt; of retries that name each other the next of the latest is looked for.
const ATTEMPTS: Statement = {
  name: 'attempts',
  sql: `
  SELECT failed.place::int AS place, to_json(retry) AS retry, to_json(replay) AS replay
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY failed(execution_id, id, first, place)
  LEFT JOIN LATERAL (
    WITH RECURSIVE attempt AS (
      SELECT failed.first AS id, failed.execution_id, NULL AS status, NULL AS completion, 0 AS step
      UNION ALL
      SELECT next.*, attempt.step + 1 FROM attempt CROSS JOIN LATERAL (
        SELECT ${columns} FROM lineage_record r
        WHERE r.execution_id = attempt.execution_id AND r.retry_of = attempt.id AND r.retry_of IS NOT NULL
        ORDER BY ${order} LIMIT 1) next
      WHERE attempt.step < ${STEPS} AND attempt.status IS DISTINCT FROM 'completed'
    )
    SELECT r.id, r.execution_id, r.status, r.completion FROM attempt r
    WHERE r.step = (SELECT max(step) FROM attempt) AND r.step > 0 AND r.id <> failed.id
  ) retry ON true
  LEFT JOIN LATERAL (
    SELECT ${columns} FROM lineage_record r
    WHERE r.replay_of_record = failed.id AND r.replay_of_record IS NOT NULL
    ORDER BY ${order} LIMIT 1
  ) replay ON true`,
};

interface AttemptsRow {
  /** of the failed record in the question, from 1 */
  readonly place: number;
  readonly retry: Attempt | null;
  readonly replay: Attempt | null;
}

/** What was tried since something failed. */
export type Attempts = Pick<FailedRecord, 'retry' | 'replay'>;
/** What failed: a record as far as attempts are looked for. */
export type Tried = Pick<LineageRecord, 'id' | 'execution_id' | 'retry_of'>;

const NONE: Attempts = { retry: null, replay: null };

/** What was tried since each of some records failed, in one statement. */
export async function readAttempts(reader: Reader, records: readonly Tried[]): Promise<Attempts[]> {
  if (records.length === 0) return [];
  const rows = await reader.rows<AttemptsRow>(ATTEMPTS, [
    records.map((record) => record.execution_id),
    records.map((record) => record.id),
    records.map((record) => record.retry_of ?? record.id),
  ]);
  const attempts = records.map(() => NONE);
  for (const { place, retry, replay } of rows) attempts[place - 1] = { retry, replay };
  return attempts;
}

/** Adds to failed records what was tried since, in one statement. */
export async function withAttempts(
  reader: Reader,
  records: readonly LineageRecord[],
): Promise<FailedRecord[]> {
  const attempts = await readAttempts(reader, records);
  return records.map((record, n) => ({ ...record, ...(attempts[n] ?? NONE) }));
}
