import {
  payloadFromWire,
  payloadToWire,
  type JoinEdge,
  type RecordState,
  type WirePayload,
} from '@factflow/domain';
import { decision } from './rows';
import type { Table } from './table';

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
  readonly input_payload: WirePayload | null;
  readonly output_payload: WirePayload | null;
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

export const RECORDS: Table<RecordState> = {
  name: 'lineage_record',
  key: ['execution_id', 'id'],
  columns: {
    execution_id: ['uuid', (record) => record.executionId],
    id: ['uuid', (record) => record.id],
    status: ['text', (record) => record.status],
    route_id: ['text', (record) => record.routeId],
    adapter_name: ['text', (record) => record.adapterName],
    parent_id: ['uuid', (record) => record.parentId],
    joined_parent_ids: ['uuid[]', (record) => record.joinedParentIds],
    batch_id: ['uuid', (record) => record.batchId],
    input_hash: ['text', (record) => record.inputHash],
    output_hash: ['text', (record) => record.outputHash],
    input_payload: ['jsonb', (record) => record.inputPayload && payloadToWire(record.inputPayload)],
    output_payload: ['jsonb', (record) => record.outputPayload && payloadToWire(record.outputPayload)],
    error: ['jsonb', (record) => record.error],
    cancel_reason: ['text', (record) => record.cancelReason],
    started: ['boolean', (record) => record.started],
    started_at: ['timestamptz(3)', (record) => record.startedAt],
    completed_at: ['timestamptz(3)', (record) => record.terminal?.at],
    registered_at: ['timestamptz(3)', (record) => record.registration?.at],
    retry_of: ['uuid', (record) => record.retryOf],
    replay_of_record: ['uuid', (record) => record.replayOfRecord],
    metadata: ['jsonb', (record) => record.metadata],
    conflicts: ['integer', (record) => record.conflicts],
    children: ['integer', (record) => record.children],
    pending_children: ['integer', (record) => record.pendingChildren],
    registration_event_id: ['uuid', (record) => record.registration?.eventId ?? null],
    start_at: ['timestamptz(3)', (record) => record.start?.at],
    start_event_id: ['uuid', (record) => record.start?.eventId ?? null],
    terminal_event_id: ['uuid', (record) => record.terminal?.eventId ?? null],
  },
};

const pick = <State>(table: Table<State>, names: readonly string[]): Table<State> => ({
  ...table,
  columns: Object.fromEntries(
    Object.entries(table.columns).filter(([name]) => table.key.includes(name) || names.includes(name)),
  ),
});

/** What changes in a record when its children do. */
export const RECORD_COUNTS = pick(RECORDS, ['children', 'pending_children']);

/** What changes in a record that is registered when it starts and ends. */
export const RECORD_PROGRESS = pick(RECORDS, [
  'status',
  'output_hash',
  'output_payload',
  'error',
  'cancel_reason',
  'started',
  'started_at',
  'completed_at',
  'metadata',
  'conflicts',
  'children',
  'pending_children',
  'start_at',
  'start_event_id',
  'terminal_event_id',
]);

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
  inputPayload: row.input_payload && payloadFromWire(row.input_payload),
  outputPayload: row.output_payload && payloadFromWire(row.output_payload),
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

export const JOINS: Table<JoinEdge> = {
  name: 'lineage_join',
  key: ['execution_id', 'parent_id', 'child_id'],
  columns: {
    execution_id: ['uuid', (join) => join.executionId],
    parent_id: ['uuid', (join) => join.parentId],
    child_id: ['uuid', (join) => join.childId],
  },
};
