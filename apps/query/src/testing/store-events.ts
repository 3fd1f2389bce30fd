import { executionStartedAt, formatTime, toWire, type Decision, type LineageEvent } from '@factflow/domain';
import { InMemoryRows, type Rows } from '@factflow/domain/testing';
import type { DataSource } from 'typeorm';

const timeOf = (time: number | null | undefined): string | null => (time == null ? null : formatTime(time));
const eventId = (decision: Decision | null): string | null => decision?.eventId ?? null;

/**
 * Stores the events of executions that are not stored yet, with the rows they fold into.
 * @returns the rows
 */
export async function storeEvents(dataSource: DataSource, events: readonly LineageEvent[]): Promise<Rows> {
  const memory = new InMemoryRows();
  await memory.append(events);
  const rows = memory.rows();
  const insert = (table: string, values: readonly object[]): Promise<unknown> =>
    dataSource.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(values),
    ]);
  await insert('lineage_event', events.map(eventRow));
  await insert('lineage_record', rows.records.map(recordRow));
  await insert(
    'lineage_join',
    rows.joins.map((join) => ({
      execution_id: join.executionId,
      parent_id: join.parentId,
      child_id: join.childId,
    })),
  );
  await insert('lineage_execution', rows.executions.map(executionRow));
  await insert(
    'lineage_statistics',
    rows.statistics.map((sums) => ({
      execution_id: sums.executionId,
      route_id: sums.routeId,
      adapter_name: sums.adapterName,
      ...sums.completions,
      duration_ms: String(sums.durationMs),
      durations: sums.durations,
    })),
  );
  return rows;
}

function eventRow(event: LineageEvent): object {
  const { source, ...wire } = toWire(event);
  return { ...wire, recorder_id: source?.recorder_id ?? null, sequence: source?.sequence ?? null };
}

const recordRow = (record: Rows['records'][number]): object => ({
  execution_id: record.executionId,
  id: record.id,
  status: record.status,
  route_id: record.routeId,
  adapter_name: record.adapterName,
  parent_id: record.parentId,
  joined_parent_ids: record.joinedParentIds,
  batch_id: record.batchId,
  input_hash: record.inputHash,
  output_hash: record.outputHash,
  error: record.error,
  cancel_reason: record.cancelReason,
  started: record.started,
  started_at: timeOf(record.startedAt),
  completed_at: timeOf(record.terminal?.at),
  registered_at: timeOf(record.registration?.at),
  retry_of: record.retryOf,
  replay_of_record: record.replayOfRecord,
  metadata: record.metadata,
  conflicts: record.conflicts,
  children: record.children,
  pending_children: record.pendingChildren,
  registration_event_id: eventId(record.registration),
  start_at: timeOf(record.start?.at),
  start_event_id: eventId(record.start),
  terminal_event_id: eventId(record.terminal),
});

const executionRow = (execution: Rows['executions'][number]): object => ({
  execution_id: execution.id,
  status: execution.status,
  name: execution.name,
  replay_of: execution.replayOf,
  from_stage: execution.fromStage,
  metadata: execution.metadata,
  error: execution.error,
  started_at: timeOf(executionStartedAt(execution)),
  completed_at: timeOf(execution.terminal?.at),
  first_event_at: timeOf(execution.firstEventAt),
  start_event_id: eventId(execution.start),
  terminal_event_id: eventId(execution.terminal),
  ...execution.counts,
  unsettled: execution.unsettled,
  placeholders: execution.placeholders,
});
