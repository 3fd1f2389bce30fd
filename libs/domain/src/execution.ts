import {
  assertNever,
  compareDecisions,
  decisionOf,
  type Decision,
  type ErrorInfo,
  type ExecutionEvent,
  type LineageEvent,
  type Metadata,
} from './events';
import { isSettled, type RecordState, type RecordStatus, type TerminalStatus } from './record';

export type ExecutionStatus = 'running' | TerminalStatus;
/** What an execution amounts to, its records considered. */
export type ExecutionCompletion = 'running' | 'awaiting_records' | 'done' | 'failed' | 'cancelled';

export const EXECUTION_STATUSES = [
  'running',
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly ExecutionStatus[];

/** An execution as its events decide it: the row. Times are milliseconds since 1970, absent is `null`. */
export interface ExecutionState {
  readonly id: string;
  /** the deciding `execution.started` */
  readonly start: Decision | null;
  /** the deciding terminal event; its time is when the execution completed */
  readonly terminal: Decision | null;
  /** time of the earliest event of the execution or its records */
  readonly firstEventAt: number;
  /** time of the latest event of the execution or its records */
  readonly lastEventAt: number;
  readonly status: ExecutionStatus;
  readonly name: string | null;
  readonly replayOf: string | null;
  readonly fromStage: string | null;
  readonly metadata: Metadata | null;
  readonly error: ErrorInfo | null;
  /** registered records by status */
  readonly counts: Readonly<Record<RecordStatus, number>>;
  /** registered records that have not settled */
  readonly unsettled: number;
  readonly placeholders: number;
}

export const emptyExecution = (id: string): ExecutionState => ({
  id,
  start: null,
  terminal: null,
  firstEventAt: Number.MAX_SAFE_INTEGER,
  lastEventAt: 0,
  status: 'running',
  name: null,
  replayOf: null,
  fromStage: null,
  metadata: null,
  error: null,
  counts: { pending: 0, completed: 0, failed: 0, cancelled: 0 },
  unsettled: 0,
  placeholders: 0,
});

/** Without a start of its own, an execution started with its earliest event. */
export const executionStartedAt = (e: Pick<ExecutionState, 'start' | 'firstEventAt'>): number =>
  e.start?.at ?? e.firstEventAt;

/** The completion of an execution: done when completed, nothing unsettled and no placeholder left. */
export function executionCompletionOf(
  e: Pick<ExecutionState, 'status' | 'unsettled' | 'placeholders'>,
): ExecutionCompletion {
  if (e.status !== 'completed') return e.status;
  return e.unsettled === 0 && e.placeholders === 0 ? 'done' : 'awaiting_records';
}

/** The execution after one more event, its own or a record's. Any order gives the same row. */
export function evolveExecution(execution: ExecutionState, event: LineageEvent): ExecutionState {
  const seen = see(execution, event.occurredAt);
  switch (event.type) {
    case 'execution.started':
      return decides(seen.start, event)
        ? {
            ...seen,
            start: decisionOf(event),
            name: event.data.name ?? null,
            replayOf: event.data.replayOf ?? null,
            fromStage: event.data.fromStage ?? null,
            metadata: event.data.metadata ?? null,
          }
        : seen;
    case 'execution.completed':
      return decides(seen.terminal, event)
        ? { ...seen, terminal: decisionOf(event), status: 'completed', error: null }
        : seen;
    case 'execution.failed':
      return decides(seen.terminal, event)
        ? { ...seen, terminal: decisionOf(event), status: 'failed', error: event.data.error }
        : seen;
    case 'execution.cancelled':
      return decides(seen.terminal, event)
        ? { ...seen, terminal: decisionOf(event), status: 'cancelled', error: null }
        : seen;
    case 'record.registered':
    case 'record.started':
    case 'record.completed':
    case 'record.failed':
    case 'record.cancelled':
      return seen;
    default:
      return assertNever(event);
  }
}

const see = (execution: ExecutionState, time: number): ExecutionState =>
  time < execution.firstEventAt || time > execution.lastEventAt
    ? {
        ...execution,
        firstEventAt: Math.min(time, execution.firstEventAt),
        lastEventAt: Math.max(time, execution.lastEventAt),
      }
    : execution;

const decides = (decided: Decision | null, event: ExecutionEvent): boolean =>
  decided === null || compareDecisions(decisionOf(event), decided) < 0;

/** The execution with one record's part in its counts added (`sign` 1) or taken back (-1). */
export function countRecord(execution: ExecutionState, record: RecordState, sign: 1 | -1): ExecutionState {
  if (record.registration === null) return { ...execution, placeholders: execution.placeholders + sign };
  return {
    ...execution,
    counts: { ...execution.counts, [record.status]: execution.counts[record.status] + sign },
    unsettled: execution.unsettled + (isSettled(record) ? 0 : sign),
  };
}
