import {
  dataFromWire,
  dataToJson,
  type AdapterStatistics,
  type Decision,
  type ExecutionState,
  type LineageEvent,
} from '@factflow/domain';
import type { Table } from './table';

// How states and rows translate: tables say how states are written, `…FromRow` take rows as the driver gives them. Those of
// records are in record-rows.ts.

/** A decision, whose time and event are columns of their own. */
export const decision = (at: Date | null, eventId: string | null): Decision | null =>
  at === null || eventId === null ? null : { at: at.getTime(), eventId };

export interface EventRow {
  readonly execution_id: string;
  readonly event_id: string;
  readonly type: LineageEvent['type'];
  readonly record_id: string | null;
  readonly occurred_at: Date;
  readonly recorder_id: string | null;
  readonly sequence: string | null;
  readonly data: object;
}

export const EVENTS: Table<LineageEvent> = {
  name: 'lineage_event',
  key: ['execution_id', 'event_id'],
  columns: {
    execution_id: ['uuid', (event) => event.executionId],
    event_id: ['uuid', (event) => event.eventId],
    type: ['text', (event) => event.type],
    record_id: ['uuid', (event) => event.recordId ?? null],
    occurred_at: ['timestamptz(3)', (event) => event.occurredAt],
    recorder_id: ['uuid', (event) => event.source?.recorderId ?? null],
    sequence: ['bigint', (event) => event.source?.sequence ?? null],
    data: ['json', dataToJson],
  },
};

export const eventFromRow = (row: EventRow): LineageEvent =>
  ({
    type: row.type,
    eventId: row.event_id,
    executionId: row.execution_id,
    ...(row.record_id === null ? {} : { recordId: row.record_id }),
    occurredAt: row.occurred_at.getTime(),
    ...(row.recorder_id === null
      ? {}
      : { source: { recorderId: row.recorder_id, sequence: Number(row.sequence) } }),
    data: dataFromWire(row.data),
  }) as LineageEvent;

export interface ExecutionRow {
  readonly execution_id: string;
  readonly status: ExecutionState['status'];
  readonly name: string | null;
  readonly replay_of: string | null;
  readonly from_stage: string | null;
  readonly metadata: ExecutionState['metadata'];
  readonly error: ExecutionState['error'];
  readonly started_at: Date;
  readonly completed_at: Date | null;
  readonly first_event_at: Date;
  readonly last_event_at: Date;
  readonly start_event_id: string | null;
  readonly terminal_event_id: string | null;
  readonly pending: string;
  readonly completed: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly unsettled: string;
  readonly placeholders: string;
}

export const EXECUTIONS: Table<ExecutionState> = {
  name: 'lineage_execution',
  key: ['execution_id'],
  columns: {
    execution_id: ['uuid', (execution) => execution.id],
    status: ['text', (execution) => execution.status],
    name: ['text', (execution) => execution.name],
    replay_of: ['uuid', (execution) => execution.replayOf],
    from_stage: ['text', (execution) => execution.fromStage],
    metadata: ['jsonb', (execution) => execution.metadata],
    error: ['jsonb', (execution) => execution.error],
    started_at: ['timestamptz(3)', (execution) => execution.start?.at ?? execution.firstEventAt],
    completed_at: ['timestamptz(3)', (execution) => execution.terminal?.at],
    first_event_at: ['timestamptz(3)', (execution) => execution.firstEventAt],
    last_event_at: ['timestamptz(3)', (execution) => execution.lastEventAt],
    start_event_id: ['uuid', (execution) => execution.start?.eventId ?? null],
    terminal_event_id: ['uuid', (execution) => execution.terminal?.eventId ?? null],
    pending: ['bigint', (execution) => execution.counts.pending],
    completed: ['bigint', (execution) => execution.counts.completed],
    failed: ['bigint', (execution) => execution.counts.failed],
    cancelled: ['bigint', (execution) => execution.counts.cancelled],
    unsettled: ['bigint', (execution) => execution.unsettled],
    placeholders: ['bigint', (execution) => execution.placeholders],
  },
};

export const executionFromRow = (row: ExecutionRow): ExecutionState => ({
  id: row.execution_id,
  start: decision(row.started_at, row.start_event_id),
  terminal: decision(row.completed_at, row.terminal_event_id),
  firstEventAt: row.first_event_at.getTime(),
  lastEventAt: row.last_event_at.getTime(),
  status: row.status,
  name: row.name,
  replayOf: row.replay_of,
  fromStage: row.from_stage,
  metadata: row.metadata,
  error: row.error,
  counts: {
    pending: Number(row.pending),
    completed: Number(row.completed),
    failed: Number(row.failed),
    cancelled: Number(row.cancelled),
  },
  unsettled: Number(row.unsettled),
  placeholders: Number(row.placeholders),
});

export interface StatisticsRow {
  readonly execution_id: string;
  readonly route_id: string;
  readonly adapter_name: string;
  readonly pending: string;
  readonly awaiting_children: string;
  readonly done: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly duration_ms: string;
  readonly durations: Record<string, number>;
}

export const STATISTICS: Table<AdapterStatistics> = {
  name: 'lineage_statistics',
  key: ['execution_id', 'route_id', 'adapter_name'],
  columns: {
    execution_id: ['uuid', (statistics) => statistics.executionId],
    route_id: ['text', (statistics) => statistics.routeId],
    adapter_name: ['text', (statistics) => statistics.adapterName],
    pending: ['bigint', (statistics) => statistics.completions.pending],
    awaiting_children: ['bigint', (statistics) => statistics.completions.awaiting_children],
    done: ['bigint', (statistics) => statistics.completions.done],
    failed: ['bigint', (statistics) => statistics.completions.failed],
    cancelled: ['bigint', (statistics) => statistics.completions.cancelled],
    duration_ms: ['numeric', (statistics) => String(statistics.durationMs)],
    durations: ['jsonb', (statistics) => statistics.durations],
  },
};

export const statisticsFromRow = (row: StatisticsRow): AdapterStatistics => ({
  executionId: row.execution_id,
  routeId: row.route_id,
  adapterName: row.adapter_name,
  completions: {
    pending: Number(row.pending),
    awaiting_children: Number(row.awaiting_children),
    done: Number(row.done),
    failed: Number(row.failed),
    cancelled: Number(row.cancelled),
  },
  durationMs: BigInt(row.duration_ms),
  durations: row.durations,
});
