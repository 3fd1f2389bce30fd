import { project, type LineageEvent } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';
import { copyRows } from './copy';
import { StoredRows } from './projection-source';
import { EXECUTIONS, JOINS, RECORD_COUNTS, RECORD_PROGRESS, RECORDS, STATISTICS } from './rows';
import { run, type Statement } from './statement';
import { deleteSql, jsonOf, updateSql, upsertSql, type Table } from './table';

// Every row is found by its primary key.
const UPDATE_RECORDS: Statement = { name: 'update_records', sql: updateSql(RECORDS) };
const PROGRESS_RECORDS: Statement = { name: 'progress_records', sql: updateSql(RECORD_PROGRESS) };
const RECOUNT_RECORDS: Statement = { name: 'recount_records', sql: updateSql(RECORD_COUNTS) };
const DELETE_RECORDS: Statement = { name: 'delete_records', sql: deleteSql(RECORDS) };
const DELETE_JOINS: Statement = { name: 'delete_joins', sql: deleteSql(JOINS) };
const UPSERT_EXECUTIONS: Statement = { name: 'upsert_executions', sql: upsertSql(EXECUTIONS) };
const UPSERT_STATISTICS: Statement = { name: 'upsert_statistics', sql: upsertSql(STATISTICS) };
const DELETE_STATISTICS: Statement = { name: 'delete_statistics', sql: deleteSql(STATISTICS) };

/**
 * Folds events that are new in the log into the rows, in the transaction that put them there.
 * @param events of one lane, which the transaction holds; each stored and not projected before
 * @returns how many records had an earlier decision overturned
 */
export async function projectEvents(runner: QueryRunner, events: readonly LineageEvent[]): Promise<number> {
  const projection = await project(events, new StoredRows(runner));
  const write = async <State>(
    statement: Statement,
    table: Table<State>,
    states: readonly State[],
  ): Promise<void> => {
    if (states.length > 0) await run(runner, statement, [jsonOf(table, states)]);
  };
  if (projection.newRecords.length > 0) await copyRows(runner, RECORDS, projection.newRecords);
  await write(PROGRESS_RECORDS, RECORD_PROGRESS, projection.progressedRecords);
  await write(UPDATE_RECORDS, RECORDS, projection.changedRecords);
  await write(RECOUNT_RECORDS, RECORD_COUNTS, projection.recountedRecords);
  await write(DELETE_RECORDS, RECORD_COUNTS, projection.removedRecords);
  await write(DELETE_JOINS, JOINS, projection.removedJoins);
  if (projection.joins.length > 0) await copyRows(runner, JOINS, projection.joins);
  await write(UPSERT_EXECUTIONS, EXECUTIONS, projection.executions);
  await write(UPSERT_STATISTICS, STATISTICS, projection.statistics);
  await write(DELETE_STATISTICS, STATISTICS, projection.removedStatistics);
  return projection.overturned;
}
