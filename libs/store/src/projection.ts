import { project, type LineageEvent, type Projection, type RecordState } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';
import { copyRows } from './copy';
import { StoredRows } from './projection-source';
import {
  deleteSql,
  EXECUTION_COLUMNS,
  executionToRow,
  insertSql,
  RECORD_COLUMNS,
  recordToRow,
  STATISTICS_COLUMNS,
  statisticsToRow,
  updateSql,
  upsertSql,
} from './rows';

const JOIN_KEY = { execution_id: 'uuid', parent_id: 'uuid', child_id: 'uuid' };
const RECORD_KEY = { execution_id: 'uuid', id: 'uuid' };
const RECOUNT_COLUMNS = { ...RECORD_KEY, children: 'integer', pending_children: 'integer' };
const STATISTICS_KEY = { execution_id: 'uuid', route_id: 'text', adapter_name: 'text' };

const UPDATE_RECORDS_SQL = updateSql('lineage_record', RECORD_COLUMNS, RECORD_KEY);
const RECOUNT_RECORDS_SQL = updateSql('lineage_record', RECOUNT_COLUMNS, RECORD_KEY);
const DELETE_RECORDS_SQL = deleteSql('lineage_record', RECORD_KEY);
const INSERT_JOINS_SQL = insertSql('lineage_join', JOIN_KEY);
const DELETE_JOINS_SQL = deleteSql('lineage_join', JOIN_KEY);
const UPSERT_EXECUTIONS_SQL = upsertSql('lineage_execution', EXECUTION_COLUMNS, ['execution_id']);
const UPSERT_STATISTICS_SQL = upsertSql(
  'lineage_statistics',
  STATISTICS_COLUMNS,
  Object.keys(STATISTICS_KEY),
);
const DELETE_STATISTICS_SQL = deleteSql('lineage_statistics', STATISTICS_KEY);

/**
 * Folds events that are new in the log into the rows, in the transaction that put them there.
 * @param events of one lane, which the transaction holds; each stored and not projected before
 * @returns how many records had an earlier decision overturned
 */
export async function projectEvents(runner: QueryRunner, events: readonly LineageEvent[]): Promise<number> {
  const projection = await project(events, new StoredRows(runner));
  if (projection.newRecords.length > 0)
    await copyRows(runner, 'lineage_record', RECORD_COLUMNS, projection.newRecords.map(recordToRow));
  for (const [sql, rows] of writes(projection))
    if (rows.length > 0) await runner.query(sql, [JSON.stringify(rows)]);
  return projection.overturned;
}

const writes = (projection: Projection): [sql: string, rows: readonly object[]][] => [
  [UPDATE_RECORDS_SQL, projection.changedRecords.map(recordToRow)],
  [RECOUNT_RECORDS_SQL, projection.recountedRecords.map(recountToRow)],
  [
    DELETE_RECORDS_SQL,
    projection.removedRecords.map(({ executionId, id }) => ({ execution_id: executionId, id })),
  ],
  [DELETE_JOINS_SQL, projection.removedJoins.map(joinToRow)],
  [INSERT_JOINS_SQL, projection.joins.map(joinToRow)],
  [UPSERT_EXECUTIONS_SQL, projection.executions.map(executionToRow)],
  [UPSERT_STATISTICS_SQL, projection.statistics.map(statisticsToRow)],
  [DELETE_STATISTICS_SQL, projection.removedStatistics.map(statisticsKeyToRow)],
];

const recountToRow = ({ executionId, id, children, pendingChildren }: RecordState) => ({
  execution_id: executionId,
  id,
  children,
  pending_children: pendingChildren,
});

const joinToRow = ({ executionId, parentId, childId }: Projection['joins'][number]) => ({
  execution_id: executionId,
  parent_id: parentId,
  child_id: childId,
});

const statisticsKeyToRow = ({
  executionId,
  routeId,
  adapterName,
}: Projection['removedStatistics'][number]) => ({
  execution_id: executionId,
  route_id: routeId,
  adapter_name: adapterName,
});
