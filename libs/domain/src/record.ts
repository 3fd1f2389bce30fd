import type { Decision, ErrorInfo, Metadata, PayloadRef } from './events';

export type TerminalStatus = 'completed' | 'failed' | 'cancelled';
export type RecordStatus = 'pending' | TerminalStatus;
/** What a record amounts to, its descendants considered. `unknown` is a placeholder. */
export type Completion = 'pending' | 'awaiting_children' | 'done' | 'failed' | 'cancelled' | 'unknown';

export const RECORD_STATUSES = [
  'pending',
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly RecordStatus[];
export const COMPLETIONS = [
  'pending',
  'awaiting_children',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly Completion[];

/** Names one record. Record ids are unique within their execution. */
export interface RecordKey {
  readonly executionId: string;
  readonly id: string;
}

/**
 * A record as the events decide it: the row. Times are milliseconds since 1970, absent is `null`.
 * A function of the set of the execution's events alone.
 */
export interface RecordState extends RecordKey {
  /** the deciding registration; `null` makes the record a placeholder */
  readonly registration: Decision | null;
  /** the deciding `record.started` */
  readonly start: Decision | null;
  /** the deciding terminal event; its time is when the record completed */
  readonly terminal: Decision | null;
  readonly status: RecordStatus;
  readonly routeId: string | null;
  readonly adapterName: string | null;
  readonly parentId: string | null;
  readonly joinedParentIds: readonly string[] | null;
  readonly batchId: string | null;
  readonly inputHash: string | null;
  readonly outputHash: string | null;
  readonly inputPayload: PayloadRef | null;
  readonly outputPayload: PayloadRef | null;
  readonly error: ErrorInfo | null;
  readonly cancelReason: string | null;
  readonly started: boolean;
  readonly startedAt: number | null;
  readonly retryOf: string | null;
  readonly replayOfRecord: string | null;
  readonly metadata: Metadata | null;
  /** events that contributed nothing because an earlier one of their kind decided, and a start with another input than was registered */
  readonly conflicts: number;
  /** registered children */
  readonly children: number;
  /** registered children that have not settled */
  readonly pendingChildren: number;
}

/** The key as text, for maps. */
export const recordKey = (record: RecordKey): string => record.executionId + record.id;

/** A record nothing is known about yet. */
export const emptyRecord = ({ executionId, id }: RecordKey): RecordState => ({
  executionId,
  id,
  registration: null,
  start: null,
  terminal: null,
  status: 'pending',
  routeId: null,
  adapterName: null,
  parentId: null,
  joinedParentIds: null,
  batchId: null,
  inputHash: null,
  outputHash: null,
  inputPayload: null,
  outputPayload: null,
  error: null,
  cancelReason: null,
  started: false,
  startedAt: null,
  retryOf: null,
  replayOfRecord: null,
  metadata: null,
  conflicts: 0,
  children: 0,
  pendingChildren: 0,
});

/** The set of a record's parents: `parentId` and `joinedParentIds`. Empty for placeholders. */
export function parentIdsOf(record: Pick<RecordState, 'parentId' | 'joinedParentIds'>): readonly string[] {
  const { parentId, joinedParentIds } = record;
  if (!joinedParentIds?.length) return parentId === null ? [] : [parentId];
  return [...new Set(parentId === null ? joinedParentIds : [parentId, ...joinedParentIds])];
}

/** Whether a record has ended. What is below it may go on: see `isSettled`. */
export const isTerminal = (status: RecordStatus): status is TerminalStatus => status !== 'pending';

/** Settled: registered, terminal, and every child settled. Placeholders never settle. */
export const isSettled = (r: Pick<RecordState, 'registration' | 'status' | 'pendingChildren'>): boolean =>
  r.registration !== null && isTerminal(r.status) && r.pendingChildren === 0;

/** Done: completed, and everything below has finished. */
export const isDone = (r: Pick<RecordState, 'registration' | 'status' | 'pendingChildren'>): boolean =>
  r.status === 'completed' && isSettled(r);

/** The completion of a record. Never tell it from the status alone. */
export function completionOf(
  r: Pick<RecordState, 'registration' | 'status' | 'pendingChildren'>,
): Completion {
  if (r.registration === null) return 'unknown';
  if (r.status !== 'completed') return r.status;
  return r.pendingChildren === 0 ? 'done' : 'awaiting_children';
}

/** Whether the row has a reason to exist: registered, mentioned by its own events, or the parent of a registered record. */
export const isMentioned = (r: RecordState): boolean =>
  r.registration !== null || r.start !== null || r.terminal !== null || r.children > 0;
