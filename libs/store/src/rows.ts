import {
  dataFromWire,
  dataToWire,
  formatTime,
  type AdapterStatistics,
  type Decision,
  type ExecutionState,
  type LineageEvent,
  type RecordState,
} from '@factflow/domain';

// How states and rows translate. A batch of rows travels as one JSON parameter: `toRow…` gives what json_to_recordset
// reads with the matching column list, `from…` takes a row as the driver gives it.

/** Names and types of columns. */
export type Columns = Readonly<Record<string, string>>;

const list = (columns: Columns): string => Object.keys(columns).join(', ');
const definition = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');

/** SQL that inserts rows given as one JSON parameter. */
export const insertSql = (table: string, columns: Columns): string =>
  `INSERT INTO ${table} (${list(columns)}) SELECT ${list(columns)} FROM json_to_recordset($1::json) AS r(${definition(columns)})`;

/** The same, replacing rows that have the same key. */
export const upsertSql = (table: string, columns: Columns, key: readonly string[]): string => {
  const updated = Object.keys(columns).filter((name) => !key.includes(name));
  return `${insertSql(table, columns)} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${updated
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;
};

/** SQL that sets all columns of rows that are there, given as one JSON parameter. */
export const updateSql = (table: string, columns: Columns, key: Columns): string =>
  `UPDATE ${table} t SET ${Object.keys(columns)
    .filter((name) => !(name in key))
    .map((name) => `${name} = r.${name}`)
    .join(', ')} FROM json_to_recordset($1::json) AS r(${definition(columns)}) WHERE ${Object.keys(key)
    .map((name) => `t.${name} = r.${name}`)
    .join(' AND ')}`;

/** SQL that deletes the rows whose keys are given as one JSON parameter. */
export const deleteSql = (table: string, key: Columns): string =>
  `DELETE FROM ${table} t USING json_to_recordset($1::json) AS k(${definition(key)}) WHERE ${Object.keys(key)
    .map((name) => `t.${name} = k.${name}`)
    .join(' AND ')}`;

const time = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : formatTime(ms);
const decision = (at: Date | null, eventId: string | null): Decision | null =>
  at === null || eventId === null ? null : { at: at.getTime(), eventId };

export const EVENT_COLUMNS = {
  execution_id: 'uuid',
  event_id: 'uuid',
  type: 'text',
  record_id: 'uuid',
  occurred_at: 'timestamptz(3)',
  recorder_id: 'uuid',
  sequence: 'bigint',
  data: 'json',
};

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

export const eventToRow = (event: LineageEvent) => ({
  execution_id: event.executionId,
  event_id: event.eventId,
  type: event.type,
  record_id: event.recordId ?? null,
  occurred_at: formatTime(event.occurredAt),
  recorder_id: event.source?.recorderId ?? null,
  sequence: event.source?.sequence ?? null,
  data: dataToWire(event.data),
});

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

export const RECORD_COLUMNS = {
  execution_id: 'uuid',
  id: 'uuid',
  status: 'text',
  route_id: 'text',
  adapter_name: 'text',
  parent_id: 'uuid',
  joined_parent_ids: 'uuid[]',
  batch_id: 'uuid',
  input_hash: 'text',
  output_hash: 'text',
  error: 'jsonb',
  cancel_reason: 'text',
  started: 'boolean',
  started_at: 'timestamptz(3)',
  completed_at: 'timestamptz(3)',
  registered_at: 'timestamptz(3)',
  retry_of: 'uuid',
  replay_of_record: 'uuid',
  metadata: 'jsonb',
  conflicts: 'integer',
  children: 'integer',
  pending_children: 'integer',
  registration_event_id: 'uuid',
  start_at: 'timestamptz(3)',
  start_event_id: 'uuid',
  terminal_event_id: 'uuid',
};

/** The columns of a record, for a select from `alias`. */
export const recordColumnsOf = (alias: string): string =>
  Object.keys(RECORD_COLUMNS)
    .map((name) => `${alias}.${name}`)
    .join(', ');

export interface RecordRow {
  readonly execution_id: string;
  readonly id: string;
  readonly status: RecordState['status'];
  readonly route_id: string | null;
  readonly adapter_name: string | null;
  readonly parent_id: string | null;
  readonly joined_parent_ids: string[] | null;
  readonly batch_id: string | null;
  readonly input_hash: string | null;
  readonly output_hash: string | null;
  readonly error: RecordState['error'];
  readonly cancel_reason: string | null;
  readonly started: boolean;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly registered_at: Date | null;
  readonly retry_of: string | null;
  readonly replay_of_record: string | null;
  readonly metadata: RecordState['metadata'];
  readonly conflicts: number;
  readonly children: number;
  readonly pending_children: number;
  readonly registration_event_id: string | null;
  readonly start_at: Date | null;
  readonly start_event_id: string | null;
  readonly terminal_event_id: string | null;
}

export const recordToRow = (record: RecordState) => ({
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
  started_at: time(record.startedAt),
  completed_at: time(record.terminal?.at),
  registered_at: time(record.registration?.at),
  retry_of: record.retryOf,
  replay_of_record: record.replayOfRecord,
  metadata: record.metadata,
  conflicts: record.conflicts,
  children: record.children,
  pending_children: record.pendingChildren,
  registration_event_id: record.registration?.eventId ?? null,
  start_at: time(record.start?.at),
  start_event_id: record.start?.eventId ?? null,
  terminal_event_id: record.terminal?.eventId ?? null,
});

export const recordFromRow = (row: RecordRow): RecordState => ({
  executionId: row.execution_id,
  id: row.id,
  registration: decision(row.registered_at, row.registration_event_id),
  start: decision(row.start_at, row.start_event_id),
  terminal: decision(row.completed_at, row.terminal_event_id),
  status: row.status,
  routeId: row.route_id,
  adapterName: row.adapter_name,
  parentId: row.parent_id,
  joinedParentIds: row.joined_parent_ids,
  batchId: row.batch_id,
  inputHash: row.input_hash,
  outputHash: row.output_hash,
  error: row.error,
  cancelReason: row.cancel_reason,
  started: row.started,
  startedAt: row.started_at?.getTime() ?? null,
  retryOf: row.retry_of,
  replayOfRecord: row.replay_of_record,
  metadata: row.metadata,
  conflicts: row.conflicts,
  children: row.children,
  pendingChildren: row.pending_children,
});

export const EXECUTION_COLUMNS = {
  execution_id: 'uuid',
  status: 'text',
  name: 'text',
  replay_of: 'uuid',
  from_stage: 'text',
  metadata: 'jsonb',
  error: 'jsonb',
  started_at: 'timestamptz(3)',
  completed_at: 'timestamptz(3)',
  first_event_at: 'timestamptz(3)',
  last_event_at: 'timestamptz(3)',
  start_event_id: 'uuid',
  terminal_event_id: 'uuid',
  pending: 'bigint',
  completed: 'bigint',
  failed: 'bigint',
  cancelled: 'bigint',
  unsettled: 'bigint',
  placeholders: 'bigint',
};

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

export const executionToRow = (execution: ExecutionState) => ({
  execution_id: execution.id,
  status: execution.status,
  name: execution.name,
  replay_of: execution.replayOf,
  from_stage: execution.fromStage,
  metadata: execution.metadata,
  error: execution.error,
  started_at: formatTime(execution.start?.at ?? execution.firstEventAt),
  completed_at: time(execution.terminal?.at),
  first_event_at: formatTime(execution.firstEventAt),
  last_event_at: formatTime(execution.lastEventAt),
  start_event_id: execution.start?.eventId ?? null,
  terminal_event_id: execution.terminal?.eventId ?? null,
  ...execution.counts,
  unsettled: execution.unsettled,
  placeholders: execution.placeholders,
});

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

export const STATISTICS_COLUMNS = {
  execution_id: 'uuid',
  route_id: 'text',
  adapter_name: 'text',
  pending: 'bigint',
  awaiting_children: 'bigint',
  done: 'bigint',
  failed: 'bigint',
  cancelled: 'bigint',
  duration_ms: 'numeric',
  durations: 'jsonb',
};

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

export const statisticsToRow = (statistics: AdapterStatistics) => ({
  execution_id: statistics.executionId,
  route_id: statistics.routeId,
  adapter_name: statistics.adapterName,
  ...statistics.completions,
  duration_ms: String(statistics.durationMs),
  durations: statistics.durations,
});

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
