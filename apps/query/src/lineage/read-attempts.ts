import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import type { Attempt, FailedRecord } from './failed-record';
import type { LineageRecord } from './lineage-record';

/** Retries that name each other instead of the first attempt are followed so far, round a circle as well. */
const STEPS = 20;

// In the order of both indexes: a completed attempt first, else the latest one.
const columns = `r.id, r.execution_id, r.status, r.completion`;
const order = `(r.status <> 'completed'), r.registered_at DESC, r.id DESC`;

// Served by lineage_record_retry and lineage_record_replay: one entry is read for a record, however often it was tried.
// `resume` has every retry name the first attempt; of retries that name each other the next of the latest is looked for.
const attempts = (name: string, replay: string): Statement => ({
  name,
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
  LEFT JOIN LATERAL (${replay}) replay ON true`,
});
const replayThat = (columns: string, condition: string): string => `
    SELECT ${columns} FROM lineage_record r
    WHERE r.replay_of_record = failed.id AND r.replay_of_record IS NOT NULL${condition}
    ORDER BY ${order} LIMIT 1`;
const ATTEMPTS = attempts('attempts', replayThat(columns, ''));
// A replay that was cancelled before anybody had begun with it stands behind all others.
const BEGUN_FIRST = attempts(
  'attempts, those begun first',
  `(${replayThat(`${columns}, true AS begun`, ` AND (r.status <> 'cancelled' OR r.started)`)}
    ) UNION ALL (${replayThat(`${columns}, false`, '')}) LIMIT 1`,
);

interface AttemptsRow {
  /** of the failed record in the question, from 1 */
  readonly place: number;
  readonly retry: Attempt | null;
  readonly replay: Replay | null;
}

interface Replay extends Attempt {
  /** false: it was cancelled before anybody had begun with it */
  readonly begun?: boolean;
}

/** What was tried since something failed. */
export type Attempts = Pick<FailedRecord, 'retry'> & { readonly replay: Replay | null };
/** What failed: a record as far as attempts are looked for. */
export type Tried = Pick<LineageRecord, 'id' | 'execution_id' | 'retry_of'>;

const NONE: Attempts = { retry: null, replay: null };

/** What was tried since each of some records failed, in one statement; replays that were begun before those that were not. */
export const readAttempts = (reader: Reader, records: readonly Tried[]): Promise<Attempts[]> =>
  read(reader, BEGUN_FIRST, records);

async function read(reader: Reader, statement: Statement, records: readonly Tried[]): Promise<Attempts[]> {
  if (records.length === 0) return [];
  const rows = await reader.rows<AttemptsRow>(statement, [
    records.map((record) => record.execution_id),
    records.map((record) => record.id),
    records.map((record) => record.retry_of ?? record.id),
  ]);
  const found = records.map(() => NONE);
  for (const { place, retry, replay } of rows) found[place - 1] = { retry, replay };
  return found;
}

/** Adds to failed records what was tried since, in one statement. */
export async function withAttempts(
  reader: Reader,
  records: readonly LineageRecord[],
): Promise<FailedRecord[]> {
  const found = await read(reader, ATTEMPTS, records);
  return records.map((record, n) => ({ ...record, ...(found[n] ?? NONE) }));
}
