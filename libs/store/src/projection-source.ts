import type {
  AdapterStatistics,
  ExecutionState,
  ProjectionSource,
  RecordEvent,
  RecordKey,
  RecordState,
  StatisticsKey,
} from '@factflow/domain';
import type { QueryRunner } from 'typeorm';
import {
  EVENTS,
  EXECUTIONS,
  RECORDS,
  STATISTICS,
  eventFromRow,
  executionFromRow,
  recordFromRow,
  statisticsFromRow,
  type EventRow,
  type ExecutionRow,
  type RecordRow,
  type StatisticsRow,
} from './rows';
import { run, type Statement } from './statement';
import { columnsOf } from './table';

// Each statement takes its keys as one JSON parameter and finds every row through a primary key, but for the events of
// a record: lineage_event_record. The lane's connection is set to nested loops, see INGEST_SETTINGS.

const KEYS = 'json_to_recordset($1::json) AS k(execution_id uuid, id uuid)';
const PARENTS = 'unnest(array_append(r.joined_parent_ids, r.parent_id)) AS p(id)';

// Each row is looked up once: most of a batch has none yet.
const READ_WITH_PARENTS: Statement = {
  name: 'read_records_with_parents',
  sql: `
    WITH own AS MATERIALIZED (SELECT ${columnsOf(RECORDS, 'r')} FROM ${KEYS} JOIN lineage_record r USING (execution_id, id)),
    parents AS (
      SELECT r.execution_id, p.id FROM own r CROSS JOIN LATERAL ${PARENTS} WHERE p.id IS NOT NULL
      EXCEPT SELECT execution_id, id FROM own
    )
    SELECT * FROM own
    UNION ALL
    SELECT ${columnsOf(RECORDS, 'r')} FROM parents JOIN lineage_record r USING (execution_id, id)`,
};

// A record that waits for far more children than the batch can finish will not settle with it: no use climbing through.
const READ_ANCESTORS: Statement = {
  name: 'read_ancestors',
  sql: `
    WITH RECURSIVE up AS (
      SELECT k.execution_id, k.id FROM ${KEYS}
      UNION
      SELECT r.execution_id, p.id
      FROM up JOIN lineage_record r USING (execution_id, id) CROSS JOIN LATERAL ${PARENTS}
      WHERE r.status <> 'pending' AND r.registered_at IS NOT NULL AND r.pending_children <= $2 AND p.id IS NOT NULL
    )
    SELECT ${columnsOf(RECORDS, 'r')} FROM up JOIN lineage_record r USING (execution_id, id)`,
};
const CLIMB_THROUGH_PENDING = 100;

const READ_EVENTS: Statement = {
  name: 'read_events_of_records',
  sql: `
    SELECT ${columnsOf(EVENTS, 'e')}
    FROM ${KEYS} JOIN lineage_event e ON e.execution_id = k.execution_id AND e.record_id = k.id`,
};

const READ_EXECUTIONS: Statement = {
  name: 'read_executions',
  sql: `
    SELECT ${columnsOf(EXECUTIONS, 'e')}
    FROM json_to_recordset($1::json) AS k(execution_id uuid) JOIN lineage_execution e USING (execution_id)`,
};

const READ_STATISTICS: Statement = {
  name: 'read_statistics',
  sql: `
    SELECT ${columnsOf(STATISTICS, 's')}
    FROM json_to_recordset($1::json) AS k(execution_id uuid, route_id text, adapter_name text)
    JOIN lineage_statistics s USING (execution_id, route_id, adapter_name)`,
};

const keysParameter = (keys: readonly RecordKey[]): string =>
  JSON.stringify(keys.map(({ executionId, id }) => ({ execution_id: executionId, id })));

/** Reads what the projection needs in the transaction of one lane. */
export class StoredRows implements ProjectionSource {
  constructor(private readonly runner: QueryRunner) {}

  async withParents(keys: readonly RecordKey[]): Promise<RecordState[]> {
    return (await this.query<RecordRow>(READ_WITH_PARENTS, [keysParameter(keys)])).map(recordFromRow);
  }

  async ancestors(keys: readonly RecordKey[]): Promise<RecordState[]> {
    const threshold = keys.length + CLIMB_THROUGH_PENDING;
    return (await this.query<RecordRow>(READ_ANCESTORS, [keysParameter(keys), threshold])).map(recordFromRow);
  }

  async eventsOf(keys: readonly RecordKey[]): Promise<RecordEvent[]> {
    return (await this.query<EventRow>(READ_EVENTS, [keysParameter(keys)])).map(
      (row) => eventFromRow(row) as RecordEvent,
    );
  }

  async executions(ids: readonly string[]): Promise<ExecutionState[]> {
    const parameter = JSON.stringify(ids.map((execution_id) => ({ execution_id })));
    return (await this.query<ExecutionRow>(READ_EXECUTIONS, [parameter])).map(executionFromRow);
  }

  async statistics(keys: readonly StatisticsKey[]): Promise<AdapterStatistics[]> {
    const parameter = JSON.stringify(
      keys.map((key) => ({
        execution_id: key.executionId,
        route_id: key.routeId,
        adapter_name: key.adapterName,
      })),
    );
    return (await this.query<StatisticsRow>(READ_STATISTICS, [parameter])).map(statisticsFromRow);
  }

  private query<Row>(statement: Statement, parameters: readonly unknown[]): Promise<Row[]> {
    return run<Row>(this.runner, statement, parameters);
  }
}
