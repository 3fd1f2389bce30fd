import { project, type LineageEvent, type Projection } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';
import { copyRows } from './copy';
import { keepWritten, type KnownRows } from './known-rows';
import { StoredRows } from './projection-source';
import { JOINS, RECORD_COUNTS, RECORD_PROGRESS, RECORDS } from './record-rows';
import { EXECUTIONS, STATISTICS } from './rows';
import { clientOf, run, type Statement } from './statement';
import { deleteSql, jsonOf, updateSql, upsertSql, type Table } from './table';

// Every row is found by its primary key.
const UPDATE_RECORDS: Statement = { name: 'update_records', sql: updateSql(RECORDS) };
const PROGRESS_RECORDS: Statement = { name: 'progress_records', sql: updateSql(RECORD_PROGRESS) };
const RECOUNT_RECORDS: Statement = { name: 'recount_records', sql: updateSql(RECORD_COUNTS) };
const DELETE_RECORDS: Statement = { name: 'delete_records', sql: deleteSql(RECORDS) };
const DELETE_JOINS: Statement = { name: 'delete_joins', sql: deleteSql(JOINS) };
// Answers the transaction that the rows are of from now on, as `xmin` shows it.
const UPSERT_EXECUTIONS: Statement = {
  name: 'upsert_executions',
  sql: `${upsertSql(EXECUTIONS)} RETURNING pg_current_xact_id()::xid::text AS version`,
};
const UPSERT_STATISTICS: Statement = { name: 'upsert_statistics', sql: upsertSql(STATISTICS) };
const DELETE_STATISTICS: Statement = { name: 'delete_statistics', sql: deleteSql(STATISTICS) };

/** What became of events that were projected. */
export interface Projected {
  /** records that had an earlier decision overturned */
  readonly overturned: number;
  /** Notes what was written; to be called once it is committed, and not otherwise. */
  readonly remember: () => void;
}

/**
 * Folds events that are new in the log into the rows, in the transaction that put them there.
 * @param events of one lane, which the transaction holds; each stored and not projected before
 * @param knownRows what need not be read, if it still holds
 */
export async function projectEvents(
  runner: QueryRunner,
  events: readonly LineageEvent[],
  knownRows: KnownRows,
): Promise<Projected> {
  const source = await StoredRows.open(
    runner,
    [...new Set(events.map(({ executionId }) => executionId))],
    knownRows,
  );
  const projection = await project(events, source);
  const version = await writeRows(runner, projection);
  return {
    overturned: projection.overturned,
    remember: () => {
      keepWritten(source.known, projection);
      for (const state of projection.executions) {
        const known = source.known.get(state.id);
        if (known) knownRows.put(known, { state, version });
      }
    },
  };
}

/** @returns the transaction that has written */
async function writeRows(runner: QueryRunner, projection: Projection): Promise<string> {
  const client = await clientOf(runner);
  const write = async <State>(
    statement: Statement,
    table: Table<State>,
    states: readonly State[],
  ): Promise<void> => {
    if (states.length > 0) await run(client, statement, [jsonOf(table, states)]);
  };
  if (projection.newRecords.length > 0) await copyRows(runner, RECORDS, projection.newRecords);
  await write(PROGRESS_RECORDS, RECORD_PROGRESS, projection.progressedRecords);
  await write(UPDATE_RECORDS, RECORDS, projection.changedRecords);
  await write(RECOUNT_RECORDS, RECORD_COUNTS, projection.recountedRecords);
  await write(DELETE_RECORDS, RECORD_COUNTS, projection.removedRecords);
  await write(DELETE_JOINS, JOINS, projection.removedJoins);
  if (projection.joins.length > 0) await copyRows(runner, JOINS, projection.joins);
  await write(UPSERT_STATISTICS, STATISTICS, projection.statistics);
  await write(DELETE_STATISTICS, STATISTICS, projection.removedStatistics);
  const parameter = jsonOf(EXECUTIONS, projection.executions);
  const [written] = await run<{ version: string }>(client, UPSERT_EXECUTIONS, [parameter]);
  return written?.version ?? '';
}
