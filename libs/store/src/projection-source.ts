import {
  IdMap,
  isTerminal,
  parentIdsOf,
  type AdapterStatistics,
  type ExecutionState,
  type ProjectionSource,
  type RecordEvent,
  type RecordKey,
  type RecordState,
  type StatisticsKey,
} from '@factflow/domain';
import type { PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';
import type { KnownExecution, KnownRows, StoredExecution } from './known-rows';
import { recordFromRow, RECORDS, type RecordRow } from './record-rows';
import {
  EVENTS,
  EXECUTIONS,
  STATISTICS,
  eventFromRow,
  executionFromRow,
  statisticsFromRow,
  type EventRow,
  type ExecutionRow,
  type StatisticsRow,
} from './rows';
import { clientOf, run, type Statement } from './statement';
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

// xmin: the transaction that wrote the row.
const READ_EXECUTIONS: Statement = {
  name: 'read_executions',
  sql: `
    SELECT ${columnsOf(EXECUTIONS, 'e')}, e.xmin::text AS version
    FROM json_to_recordset($1::json) AS k(execution_id uuid) JOIN lineage_execution e USING (execution_id)`,
};

const READ_STATISTICS: Statement = {
  name: 'read_statistics',
  sql: `
    SELECT ${columnsOf(STATISTICS, 's')}
    FROM json_to_recordset($1::json) AS k(execution_id uuid, route_id text, adapter_name text)
    JOIN lineage_statistics s USING (execution_id, route_id, adapter_name)`,
};

const keysParameter = (keys: readonly RecordKey[] | IdMap<RecordKey>): string =>
  JSON.stringify([...keys.values()].map(({ executionId, id }) => ({ execution_id: executionId, id })));

/** Gives the projection what it needs in the transaction of one lane: reads what is not known, and remembers what it reads. */
export class StoredRows implements ProjectionSource {
  private constructor(
    private readonly client: PoolClient,
    /** for every execution of the batch */
    readonly known: ReadonlyMap<string, KnownExecution>,
    private readonly executionRows: ReadonlyMap<string, StoredExecution>,
  ) {}

  /** @param executionIds of all events of the batch, each once */
  static async open(
    runner: QueryRunner,
    executionIds: readonly string[],
    knownRows: KnownRows,
  ): Promise<StoredRows> {
    const parameter = JSON.stringify(executionIds.map((execution_id) => ({ execution_id })));
    const client = await clientOf(runner);
    const rows = await run<ExecutionRow & { readonly version: string }>(client, READ_EXECUTIONS, [parameter]);
    const stored = new Map(
      rows.map((row) => [row.execution_id, { state: executionFromRow(row), version: row.version }]),
    );
    return new StoredRows(
      client,
      new Map(executionIds.map((id) => [id, knownRows.take(id, stored.get(id))])),
      stored,
    );
  }

  async withParents(keys: readonly RecordKey[]): Promise<RecordState[]> {
    const rows = new IdMap<RecordState>();
    const missing = new IdMap<RecordKey>();
    for (const key of keys) {
      const row = this.look(key, rows, missing);
      if (!row) continue;
      const { executionId } = row;
      for (const id of parentIdsOf(row)) this.look({ executionId, id }, rows, missing);
    }
    if (missing.size > 0) await this.read(READ_WITH_PARENTS, [keysParameter(missing)], rows);
    return [...rows.values()];
  }

  async ancestors(keys: readonly RecordKey[]): Promise<RecordState[]> {
    const threshold = keys.length + CLIMB_THROUGH_PENDING;
    const rows = new IdMap<RecordState>();
    const missing = new IdMap<RecordKey>();
    const above = [...keys];
    // An array yields what is added to it while it is walked.
    for (const key of above) {
      if (rows.has(key.executionId, key.id)) continue;
      const row = this.look(key, rows, missing);
      if (!row || row.registration === null || !isTerminal(row.status) || row.pendingChildren > threshold)
        continue;
      const { executionId } = row;
      for (const id of parentIdsOf(row)) above.push({ executionId, id });
    }
    if (missing.size > 0) await this.read(READ_ANCESTORS, [keysParameter(missing), threshold], rows);
    return [...rows.values()];
  }

  async eventsOf(keys: readonly RecordKey[]): Promise<RecordEvent[]> {
    const rows = await run<EventRow>(this.client, READ_EVENTS, [keysParameter(keys)]);
    return rows.map((row) => eventFromRow(row) as RecordEvent);
  }

  executions(ids: readonly string[]): Promise<ExecutionState[]> {
    return Promise.resolve(ids.flatMap((id) => this.executionRows.get(id)?.state ?? []));
  }

  async statistics(keys: readonly StatisticsKey[]): Promise<AdapterStatistics[]> {
    const sums: AdapterStatistics[] = [];
    const missing: StatisticsKey[] = [];
    for (const key of keys) {
      const sum = this.known.get(key.executionId)?.statistics(key);
      if (sum) sums.push(sum);
      else if (sum === undefined) missing.push(key);
    }
    return missing.length === 0 ? sums : [...sums, ...(await this.readStatistics(missing))];
  }

  /** Takes the row of a record from what is known, or notes that it has to be read. */
  private look(
    key: RecordKey,
    rows: IdMap<RecordState>,
    missing: IdMap<RecordKey>,
  ): RecordState | null | undefined {
    const { executionId, id } = key;
    const row = this.known.get(executionId)?.record(id);
    if (row) rows.set(executionId, id, row);
    else if (row === undefined) missing.set(executionId, id, key);
    return row;
  }

  private async read(
    statement: Statement,
    parameters: readonly unknown[],
    rows: IdMap<RecordState>,
  ): Promise<void> {
    for (const row of await run<RecordRow>(this.client, statement, parameters)) {
      const record = recordFromRow(row);
      rows.set(record.executionId, record.id, record);
      this.known.get(record.executionId)?.keep(record);
    }
  }

  private async readStatistics(keys: readonly StatisticsKey[]): Promise<AdapterStatistics[]> {
    const parameter = JSON.stringify(
      keys.map((key) => ({
        execution_id: key.executionId,
        route_id: key.routeId,
        adapter_name: key.adapterName,
      })),
    );
    const rows = await run<StatisticsRow>(this.client, READ_STATISTICS, [parameter]);
    return rows.map((row) => {
      const sum = statisticsFromRow(row);
      this.known.get(sum.executionId)?.keepStatistics(sum);
      return sum;
    });
  }
}
