import { type LineageEvent } from '@factflow/domain';
import type { DataSource, QueryRunner } from 'typeorm';
import { inLane, laneOf } from './lanes';
import { KnownRows } from './known-rows';
import { projectEvents } from './projection';
import { eventFromRow, type EventRow } from './rows';
import { tombstonesOf } from './tombstones';

const BATCH = 5000;

const DELETE_ROWS_SQL = ['lineage_record', 'lineage_join', 'lineage_execution', 'lineage_statistics'].map(
  (table) => `DELETE FROM ${table} WHERE execution_id = $1`,
);

// In the order in which events decide, no event overturns an earlier one: nothing is folded twice.
const OPEN_EVENTS_SQL = `
  DECLARE lineage_rebuild NO SCROLL CURSOR FOR
  SELECT execution_id, event_id, type, record_id, occurred_at, recorder_id, sequence, data
  FROM lineage_event WHERE execution_id = $1 ORDER BY occurred_at, event_id`;
const FETCH_SQL = `FETCH ${BATCH} FROM lineage_rebuild`;

// Served by the primary key of lineage_event: one step of a skip scan per execution.
const NEXT_EXECUTION_SQL = `
  SELECT execution_id FROM lineage_event WHERE execution_id > $1 ORDER BY execution_id LIMIT 1`;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const HAS_EVENTS_SQL = 'SELECT EXISTS (SELECT FROM lineage_event WHERE execution_id = $1) AS present';

/**
 * Throws away the rows of one execution and folds them again from its events, in one transaction that holds the
 * execution's lane: ingest of that lane waits, all else goes on, and readers see the old rows until it commits.
 * @returns the number of events folded; none of an execution that was pruned, which stays gone
 */
export const rebuildExecution = (dataSource: DataSource, executionId: string): Promise<number> =>
  inLane(dataSource, laneOf(executionId), async (runner) => {
    if ((await tombstonesOf(runner, [executionId])).size > 0) return 0;
    for (const sql of DELETE_ROWS_SQL) await runner.query(sql, [executionId]);
    return foldAll(runner, executionId);
  });

async function foldAll(runner: QueryRunner, executionId: string): Promise<number> {
  await runner.query(OPEN_EVENTS_SQL, [executionId]);
  // All in one transaction: what it has written itself, it knows.
  const known = new KnownRows();
  let count = 0;
  for (;;) {
    const events: LineageEvent[] = ((await runner.query(FETCH_SQL)) as EventRow[]).map(eventFromRow);
    if (events.length === 0) return count;
    (await projectEvents(runner, events, known)).remember();
    count += events.length;
  }
}

/** The ids of all executions that have events, one after another, in the order of their ids. */
export async function* executionIds(dataSource: DataSource): AsyncGenerator<string> {
  const [first] = (await dataSource.query(HAS_EVENTS_SQL, [FIRST_ID])) as [{ present: boolean }];
  if (first.present) yield FIRST_ID;
  for (let last = FIRST_ID; ;) {
    const [next] = (await dataSource.query(NEXT_EXECUTION_SQL, [last])) as { execution_id: string }[];
    if (!next) return;
    yield (last = next.execution_id);
  }
}
