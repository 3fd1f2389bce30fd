import { rowsOf, type Rows } from '@factflow/domain/testing';
import type { DataSource } from 'typeorm';
import { recordFromRow, type RecordRow } from '../record-rows';
import { executionFromRow, statisticsFromRow, type ExecutionRow, type StatisticsRow } from '../rows';

interface JoinRow {
  readonly execution_id: string;
  readonly parent_id: string;
  readonly child_id: string;
}

/** All rows of the database, in the order in which they compare. */
export async function storedRows(dataSource: DataSource): Promise<Rows> {
  const all = <Row>(table: string): Promise<Row[]> => dataSource.query(`SELECT * FROM ${table}`);
  return rowsOf({
    records: (await all<RecordRow>('lineage_record')).map(recordFromRow),
    joins: (await all<JoinRow>('lineage_join')).map((row) => ({
      executionId: row.execution_id,
      parentId: row.parent_id,
      childId: row.child_id,
    })),
    executions: (await all<ExecutionRow>('lineage_execution')).map(executionFromRow),
    statistics: (await all<StatisticsRow>('lineage_statistics')).map(statisticsFromRow),
  });
}

const TABLES = ['lineage_event', 'lineage_record', 'lineage_join', 'lineage_execution', 'lineage_statistics'];

/** Removes all events, and the rows they fold into. */
export async function removeRows(dataSource: DataSource): Promise<void> {
  await dataSource.query(`TRUNCATE ${TABLES.join(', ')}`);
}
