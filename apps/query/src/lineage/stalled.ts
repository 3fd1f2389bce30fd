import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { GONE } from '../recorders/recorder';
import { lineageRecordOf, type LineageRecord, type RecordRow } from './lineage-record';
import { storedOf } from './payload';

// A record is stalled when it is pending and the recorder that told its start, or its registration while it has not
// started, is gone. Nothing is written for that: who recorded it is in the event that decided, whose id is in the row. Only
// pending records are looked at, and of those only the ones of executions that a recorder that is gone was seen in.

// Ranges of one value, in an order that one index has, and `OFFSET 0`: no plan may depend on what the planner believes.
const RECORDER_OF = (relation: string): string => `
  CROSS JOIN LATERAL (SELECT * FROM lineage_recorder o WHERE o.recorder_id = ${relation}.recorder_id OFFSET 0) o`;

/** SQL that holds where a recorder that is gone was seen in an execution. Served by the primary keys. */
export const hasGone = (execution: string): string => `
  (SELECT true FROM (SELECT c.recorder_id FROM lineage_coverage c WHERE c.execution_id BETWEEN ${execution} AND ${execution}
     ORDER BY c.execution_id, c.recorder_id OFFSET 0) c ${RECORDER_OF('c')}
   WHERE ${GONE} LIMIT 1) IS NOT NULL`;

/** SQL that holds where a recorder that is gone told an event. Served by the primary keys. */
const toldByGone = (execution: string, event: string): string => `
  (SELECT ${GONE} FROM (SELECT e.recorder_id FROM lineage_event e
     WHERE e.execution_id = ${execution} AND e.event_id BETWEEN ${event} AND ${event} ORDER BY e.event_id OFFSET 0) e
   ${RECORDER_OF('e')}) IS TRUE`;

const DECIDING_EVENT = 'coalesce(r.start_event_id, r.registration_event_id)';

/** SQL that holds for pending records `r` that are stalled. */
export const STALLED = toldByGone('r.execution_id', DECIDING_EVENT);

/** SQL that holds for records `r` of one execution that are stalled. */
export const stalledOf = (execution: string): string =>
  `CASE WHEN r.status = 'pending' AND r.registered_at IS NOT NULL AND ${hasGone(execution)} THEN ${STALLED} ELSE false END`;

const STALLED_OF_PAGE: Statement = {
  name: 'stalled of page',
  sql: `
  SELECT p.place FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY p(execution_id, event_id, place)
  WHERE p.execution_id = ANY(ARRAY(
      SELECT x.id FROM (SELECT DISTINCT id FROM unnest($1::uuid[]) x(id)) x WHERE ${hasGone('x.id')}))
    AND ${toldByGone('p.execution_id', 'p.event_id')}`,
};

/**
 * Rows as the API shows them. What is stalled among the pending ones, and what is stored of the payloads they name, takes
 * one more statement each, if there are any.
 */
export async function lineageRecordsOf(reader: Reader, rows: readonly RecordRow[]): Promise<LineageRecord[]> {
  const pending = rows.filter(({ status, registered_at: at }) => status === 'pending' && at !== null);
  const stalled = new Set<RecordRow>();
  if (pending.length > 0) {
    const executions = pending.map((row) => row.execution_id);
    const events = pending.map((row) => row.deciding_event_id);
    // Places count from 1.
    for (const { place } of await reader.rows<{ place: string }>(STALLED_OF_PAGE, [executions, events]))
      stalled.add(pending[Number(place) - 1] as RecordRow);
  }
  const beside = { stalled, stored: await storedOf(reader, rows) };
  return rows.map((row) => lineageRecordOf(row, beside));
}
