/** JSON values as they are stored: finite numbers, text that PostgreSQL can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Metadata = { readonly [key: string]: Json };

/** What went wrong in an adapter or an execution. */
export interface ErrorInfo {
  /** name of the exception class */
  readonly class: string;
  readonly message: string;
  readonly traceback?: string;
}

/** Names the bytes of a message in the payload store. */
export interface PayloadRef {
  /** `sha256:<64 hex>`, the digest of the bytes */
  readonly key: string;
  /** the bytes are not those of the message: something was taken out before they left the service */
  readonly redacted: boolean;
  readonly contentType: string;
}

/** Where an event comes from: the recorder and the event's place in its gapless sequence, from 1. */
export interface EventSource {
  readonly recorderId: string;
  readonly sequence: number;
}

interface EventBase<Type extends string> {
  readonly type: Type;
  /** identifies the event within its execution */
  readonly eventId: string;
  readonly executionId: string;
  /** milliseconds since 1970, UTC */
  readonly occurredAt: number;
  readonly source?: EventSource;
}

interface ExecutionFact<Type extends string, Data> extends EventBase<Type> {
  readonly recordId?: undefined;
  readonly data: Data;
}

interface RecordFact<Type extends string, Data> extends EventBase<Type> {
  readonly recordId: string;
  readonly data: Data;
}

export interface ExecutionStartedData {
  readonly name?: string;
  /** the execution this one replays */
  readonly replayOf?: string;
  /** the adapter the replay starts from */
  readonly fromStage?: string;
  readonly metadata?: Metadata;
}

export interface RecordRegisteredData {
  readonly routeId: string;
  readonly adapterName: string;
  readonly parentId?: string;
  /** further parents: the record is a join */
  readonly joinedParentIds?: readonly string[];
  readonly batchId?: string;
  readonly inputHash?: string;
  readonly inputPayload?: PayloadRef;
  /** registered and started in one moment: no `record.started` follows */
  readonly started?: boolean;
  /** the attempt this one repeats */
  readonly retryOf?: string;
  /** the record of another execution this one replays */
  readonly replayOfRecord?: string;
  readonly metadata?: Metadata;
}

export interface RecordStartedData {
  readonly inputHash?: string;
  readonly inputPayload?: PayloadRef;
}

export interface RecordCompletedData {
  readonly outputHash?: string;
  readonly outputPayload?: PayloadRef;
  readonly metadata?: Metadata;
}

export interface RecordFailedData {
  readonly error: ErrorInfo;
  readonly metadata?: Metadata;
}

export interface RecordCancelledData {
  readonly reason?: string;
  readonly metadata?: Metadata;
}

type NoData = Readonly<Record<string, never>>;

export type ExecutionStarted = ExecutionFact<'execution.started', ExecutionStartedData>;
export type ExecutionCompleted = ExecutionFact<'execution.completed', NoData>;
export type ExecutionFailed = ExecutionFact<'execution.failed', { readonly error: ErrorInfo }>;
export type ExecutionCancelled = ExecutionFact<'execution.cancelled', NoData>;
export type RecordRegistered = RecordFact<'record.registered', RecordRegisteredData>;
export type RecordStarted = RecordFact<'record.started', RecordStartedData>;
export type RecordCompleted = RecordFact<'record.completed', RecordCompletedData>;
export type RecordFailed = RecordFact<'record.failed', RecordFailedData>;
export type RecordCancelled = RecordFact<'record.cancelled', RecordCancelledData>;

/** A fact about an execution as a whole. */
export type ExecutionEvent = ExecutionStarted | ExecutionCompleted | ExecutionFailed | ExecutionCancelled;
/** A fact about one record. */
export type RecordEvent = RecordRegistered | RecordStarted | RecordCompleted | RecordFailed | RecordCancelled;
/** An immutable fact; the set of all events is the only source of truth. */
export type LineageEvent = ExecutionEvent | RecordEvent;
export type EventType = LineageEvent['type'];

export const EVENT_TYPES = [
  'execution.started',
  'execution.completed',
  'execution.failed',
  'execution.cancelled',
  'record.registered',
  'record.started',
  'record.completed',
  'record.failed',
  'record.cancelled',
] as const satisfies readonly EventType[];

/** Whether an event is about a record, and not about the execution as a whole. */
export const isRecordEvent = (event: LineageEvent): event is RecordEvent => event.recordId !== undefined;

/** When and by which event something was decided. The earliest by (`at`, `eventId`) decides. */
export interface Decision {
  /** milliseconds since 1970, UTC */
  readonly at: number;
  readonly eventId: string;
}

/** The decision that an event makes where no earlier one of its kind does. */
export const decisionOf = (event: LineageEvent): Decision => ({
  at: event.occurredAt,
  eventId: event.eventId,
});

/** Negative when `a` comes before `b` in the order in which events decide. */
export const compareDecisions = (a: Decision, b: Decision): number =>
  a.at - b.at || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);

/** The same of the events themselves: sorting a batch makes no decisions of them. */
export const compareEvents = (a: LineageEvent, b: LineageEvent): number =>
  a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);

/** Ends an exhaustive switch: the compiler points here when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
