import type {
  ErrorInfo,
  EventType,
  ExecutionStartedData,
  LineageEvent,
  PayloadRef,
  RecordCompletedData,
  RecordEvent,
  RecordRegisteredData,
  RecordStartedData,
} from '../events';

let made = 0;

/** A new id that sorts after all that were made before, without carrying a time. */
export const anId = (): string => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;

/** Where and when an event happens; everything has a default but the execution. */
export interface At {
  readonly executionId: string;
  /** milliseconds since 1970; later than all events built before by default */
  readonly at?: number;
  readonly eventId?: string;
}

let clock = Date.UTC(2026, 0, 1);

/** An event of any type with data of its own. */
export const eventAt = <Type extends EventType>(
  type: Type,
  { executionId, at, eventId }: At,
  recordId: string | undefined,
  data: LineageEvent['data'],
): LineageEvent =>
  ({
    type,
    eventId: eventId ?? anId(),
    executionId,
    ...(recordId === undefined ? {} : { recordId }),
    occurredAt: at ?? ++clock,
    data,
  }) as LineageEvent;

/** A reference to a payload of 64 times the same hexadecimal digit. */
export const aPayload = (digit: string, more: Partial<PayloadRef> = {}): PayloadRef => ({
  key: `sha256:${digit.repeat(64)}`,
  redacted: false,
  contentType: 'application/octet-stream',
  ...more,
});

const ofRecord = (
  type: RecordEvent['type'],
  at: At,
  recordId: string,
  data: LineageEvent['data'],
): RecordEvent => eventAt(type, at, recordId, data) as RecordEvent;

export const registered = (id: string, at: At, data: Partial<RecordRegisteredData> = {}): RecordEvent =>
  ofRecord('record.registered', at, id, { routeId: 'documents', adapterName: 'chunker', ...data });

export const started = (id: string, at: At, data: RecordStartedData = {}): RecordEvent =>
  ofRecord('record.started', at, id, data);

export const completed = (id: string, at: At, data: RecordCompletedData = {}): RecordEvent =>
  ofRecord('record.completed', at, id, data);

export const failed = (
  id: string,
  at: At,
  error: ErrorInfo = { class: 'Error', message: 'broken' },
): RecordEvent => ofRecord('record.failed', at, id, { error });

export const cancelled = (id: string, at: At, data: { reason?: string } = {}): RecordEvent =>
  ofRecord('record.cancelled', at, id, data);

export const executionStarted = (at: At, data: ExecutionStartedData = {}): LineageEvent =>
  eventAt('execution.started', at, undefined, data);

export const executionEnded = (
  at: At,
  type: 'execution.completed' | 'execution.cancelled' = 'execution.completed',
): LineageEvent => eventAt(type, at, undefined, {});
