import {
  assertNever,
  compareDecisions,
  decisionOf,
  isRecordEvent,
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

/** An execution of which no event is known. */
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

/** The execution after one more event of its own. Any order gives the same row. */
function evolve(execution: ExecutionState, event: ExecutionEvent): ExecutionState {
  const decided = event.type === 'execution.started' ? execution.start : execution.terminal;
  if (decided !== null && compareDecisions(decisionOf(event), decided) >= 0) return execution;
  switch (event.type) {
    case 'execution.started':
      return {
        ...execution,
        start: decisionOf(event),
        name: event.data.name ?? null,
        replayOf: event.data.replayOf ?? null,
        fromStage: event.data.fromStage ?? null,
        metadata: event.data.metadata ?? null,
      };
    case 'execution.completed':
      return { ...execution, terminal: decisionOf(event), status: 'completed', error: null };
    case 'execution.failed':
      return { ...execution, terminal: decisionOf(event), status: 'failed', error: event.data.error };
    case 'execution.cancelled':
      return { ...execution, terminal: decisionOf(event), status: 'cancelled', error: null };
    default:
      return assertNever(event);
  }
}

/** A mutable execution that events are folded into and records counted in, in any order. */
export class ExecutionSum {
  private readonly counts: Record<RecordStatus, number>;
  private firstEventAt: number;
  private lastEventAt: number;
  private unsettled: number;
  private placeholders: number;

  constructor(private execution: ExecutionState) {
    ({
      firstEventAt: this.firstEventAt,
      lastEventAt: this.lastEventAt,
      unsettled: this.unsettled,
      placeholders: this.placeholders,
    } = execution);
    this.counts = { ...execution.counts };
  }

  /** Folds an event in, of the execution itself or of a record of it. */
  see(event: LineageEvent): void {
    this.firstEventAt = Math.min(this.firstEventAt, event.occurredAt);
    this.lastEventAt = Math.max(this.lastEventAt, event.occurredAt);
    if (!isRecordEvent(event)) this.execution = evolve(this.execution, event);
  }

  /** Adds a record's part in the counts (`sign` 1) or takes it back (-1). */
  count(record: RecordState, sign: 1 | -1): void {
    if (record.registration === null) {
      this.placeholders += sign;
      return;
    }
    this.counts[record.status] += sign;
    if (!isSettled(record)) this.unsettled += sign;
  }

  result(): ExecutionState {
    const { execution, firstEventAt, lastEventAt, counts, unsettled, placeholders } = this;
    return { ...execution, firstEventAt, lastEventAt, counts, unsettled, placeholders };
  }
}
