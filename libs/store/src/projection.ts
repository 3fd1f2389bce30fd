import { project, type LineageEvent } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';
import { copyRows } from './copy';
import { StoredRows } from './projection-source';
import { EXECUTIONS, JOINS, RECORD_COUNTS, RECORDS, STATISTICS } from './rows';
import { deleteSql, insertSql, jsonOf, updateSql, upsertSql, type Table } from './table';

// Every row is found by its primary key.
const UPDATE_RECORDS_SQL = updateSql(RECORDS);
const RECOUNT_RECORDS_SQL = updateSql(RECORD_COUNTS);
const DELETE_RECORDS_SQL = deleteSql(RECORDS);
const INSERT_JOINS_SQL = insertSql(JOINS);
const DELETE_JOINS_SQL = deleteSql(JOINS);
const UPSERT_EXECUTIONS_SQL = upsertSql(EXECUTIONS);
const UPSERT_STATISTICS_SQL = upsertSql(STATISTICS);
const DELETE_STATISTICS_SQL = deleteSql(STATISTICS);

/**
 * Folds events that are new in the log into the rows, in the transaction that put them there.
 * @param events of one lane, which the transaction holds; each stored and not projected before
 * @returns how many records had an earlier decision overturned
 */
export async function projectEvents(runner: QueryRunner, events: readonly LineageEvent[]): Promise<number> {
  const projection = await project(events, new StoredRows(runner));
  const write = async <State>(sql: string, table: Table<State>, states: readonly State[]): Promise<void> => {
    if (states.length > 0) await runner.query(sql, [jsonOf(table, states)]);
  };
  if (projection.newRecords.length > 0) await copyRows(runner, RECORDS, projection.newRecords);
  await write(UPDATE_RECORDS_SQL, RECORDS, projection.changedRecords);
  await write(RECOUNT_RECORDS_SQL, RECORD_COUNTS, projection.recountedRecords);
  await write(DELETE_RECORDS_SQL, RECORD_COUNTS, projection.removedRecords);
  await write(DELETE_JOINS_SQL, JOINS, projection.removedJoins);
  await write(INSERT_JOINS_SQL, JOINS, projection.joins);
  await write(UPSERT_EXECUTIONS_SQL, EXECUTIONS, projection.executions);
  await write(UPSERT_STATISTICS_SQL, STATISTICS, projection.statistics);
  await write(DELETE_STATISTICS_SQL, STATISTICS, projection.removedStatistics);
  return projection.overturned;
}
