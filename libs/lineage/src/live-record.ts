import {
  encodeCarried,
  LIMITS,
  type Metadata,
  type RecordCompleted,
  type RecordStarted,
} from '@factflow/domain';
import type { AdapterMessages, Taken } from './capture/capture';
import type { CallCapture, PayloadSide } from './capture/capture-options';
import { describeError } from './error-info';
import {
  property,
  readWhole,
  registrationOf,
  type Fact,
  type Place,
  type RegisterOptions,
  type Registration,
  type Writable,
} from './facts';
import { fingerprint, givenHash } from './fingerprint';
import { Handle } from './handle';
import { HEADER, type LineageHeaders } from './headers';
import { marksOf, toMetadata, withTraceId, type Marks } from './metadata';
import { NO_RECORD, type CompleteOptions, type LineageRecord, type StartOptions } from './record';
import { shortenText } from './shorten';
import { outgoingTrace, traceIdNow, type TraceContext } from './trace-context';

/** What handles need of their recorder. Nothing here throws. */
export interface FactPort {
  emit(fact: Fact): void;
  /** what keeps the messages of the adapter these options name; undefined: nothing does */
  messagesOf(options: unknown): AdapterMessages | undefined;
  /** a call that came too late to mean anything */
  ignore(): void;
  /** Runs an action; `otherwise` where it throws. */
  guard<T>(action: () => T, otherwise: T): T;
}

/** What is known of a record beside its registration. */
export interface Origin {
  /** the trace of the message it came with; its children belong to it as well */
  readonly trace?: TraceContext | undefined;
  /** laid over the metadata when the record ends: another process registered it */
  readonly traceId?: string | undefined;
  /** the message as it was received, told when the record is started */
  readonly received?: unknown;
  /** an execution of its own, which ends as the record does */
  readonly execution?: Endable | undefined;
}

const NO_ORIGIN: Origin = {};

type Endable = Pick<LineageRecord, 'complete' | 'fail' | 'cancel'>;

/** Registers a record. A child belongs to the trace of its first parent, unless `origin` says another. */
export function registerRecord(
  port: FactPort,
  options: RegisterOptions,
  place: Place,
  origin: Origin = NO_ORIGIN,
): LineageRecord {
  return port.guard<LineageRecord>(() => {
    const { executionId } = place;
    const trace = origin.trace ?? traceOf(place.parents);
    const messages = port.messagesOf(options);
    const at = messages === undefined ? place : { ...place, messages };
    const registration = registrationOf(options, at, traceIdNow(trace));
    port.emit({ type: 'record.registered', executionId, recordId: registration.id, data: registration.data });
    const known = trace === origin.trace ? origin : { ...origin, trace };
    return new LiveRecord(port, executionId, registration, known, messages);
  }, NO_RECORD);
}

function traceOf(parents: readonly unknown[]): TraceContext | undefined {
  const first = parents[0];
  return Handle.is(first) ? (first as LiveRecord).origin.trace : undefined;
}

/** The handle of a registered record. */
export class LiveRecord extends Handle implements LineageRecord {
  readonly recorded = true;
  #started: boolean;
  #ended = false;
  /** what the end of the record has to say */
  #marks: Marks | undefined;

  constructor(
    private readonly port: FactPort,
    executionId: string,
    private readonly registration: Registration,
    readonly origin: Origin,
    private messages: AdapterMessages | undefined,
  ) {
    super(registration.id, executionId);
    this.#started = registration.data.started ?? false;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** whether it was registered as started, or `start` was called */
  get started(): boolean {
    return this.#started;
  }

  /** Has messages kept from now on as a call says. @param options its route, its adapter, and what it says of capture */
  keepAs(options: CallCapture): void {
    this.messages = this.port.guard(() => this.port.messagesOf(options), undefined);
  }

  start(options?: StartOptions): void {
    if (this.#started || this.#ended) return this.port.ignore();
    this.#started = true;
    const isTold = options !== undefined || this.origin.received !== undefined;
    const data = isTold ? this.port.guard(() => this.#received(options), {}) : {};
    this.port.emit({ type: 'record.started', ...this.#key, data });
  }

  #received(options: unknown): RecordStarted['data'] {
    const input = property(options, 'input') ?? this.origin.received;
    const taken = this.#take('input', input);
    const inputHash = givenHash(property(options, 'inputHash')) ?? (taken ? taken.hash : fingerprint(input));
    return { ...optional('inputHash', inputHash), ...optional('inputPayload', taken?.payload) };
  }

  /** Has a message kept; why it is not, the end of the record says. @returns undefined where nothing keeps messages */
  #take(side: PayloadSide, message: unknown): Taken | undefined {
    if (!this.messages) return undefined;
    const marks: Marks = new Map();
    const taken = this.messages.take(side, message, marks);
    if (marks.size > 0) this.#marks = new Map([...(this.#marks ?? []), ...marks]);
    return taken;
  }

  registerChild(options: RegisterOptions): LineageRecord {
    return registerRecord(this.port, options, { executionId: this.executionId, parents: [this] });
  }

  complete(options?: CompleteOptions): void {
    this.#end(
      () => ({
        type: 'record.completed',
        executionId: this.executionId,
        recordId: this.id,
        data: readWhole(options ?? {}, COMPLETION, (read) => this.#completionOf(read)),
      }),
      (execution) => execution.complete(),
    );
  }

  fail(error: unknown, options?: Pick<CompleteOptions, 'metadata'>): void {
    this.#end(
      () => ({
        type: 'record.failed',
        ...this.#key,
        data: { error: describeError(error), ...this.#metadataOf(options) },
      }),
      (execution) => execution.fail(error),
    );
  }

  cancel(reason?: string, options?: Pick<CompleteOptions, 'metadata'>): void {
    const text = typeof reason === 'string' ? shortenText(reason, LIMITS.reasonBytes) : undefined;
    this.#end(
      () => ({
        type: 'record.cancelled',
        ...this.#key,
        data: { ...optional('reason', text), ...this.#metadataOf(options) },
      }),
      (execution) => execution.cancel(),
    );
  }

  headers(): LineageHeaders {
    return this.port.guard<LineageHeaders>(
      () => ({
        [HEADER]: encodeCarried({ executionId: this.executionId, registration: this.registration }),
        ...outgoingTrace(this.origin.trace),
      }),
      {},
    );
  }

  get #key(): { executionId: string; recordId: string } {
    return { executionId: this.executionId, recordId: this.id };
  }

  #end(fact: () => Fact, endExecution: (execution: Endable) => void): void {
    if (this.#ended) return this.port.ignore();
    this.#ended = true;
    this.port.guard(() => this.port.emit(fact()), undefined);
    if (this.origin.execution) endExecution(this.origin.execution);
  }

  #completionOf({ output, outputHash, metadata }: CompleteOptions): RecordCompleted['data'] {
    const data: Writable<RecordCompleted['data']> = {};
    const taken = this.#take('output', output);
    const hash = givenHash(outputHash) ?? (taken ? taken.hash : fingerprint(output));
    if (hash !== undefined) data.outputHash = hash;
    const about = this.#readMetadata(metadata);
    if (about !== undefined) data.metadata = about;
    if (taken?.payload !== undefined) data.outputPayload = taken.payload;
    return data;
  }

  #metadataOf(options: unknown): { metadata?: Metadata } {
    return optional('metadata', this.#readMetadata(property(options, 'metadata')));
  }

  #readMetadata(value: unknown): Metadata | undefined {
    // Laid over the registration's key by key: what that one says of itself is said again.
    const marks = this.#marks && new Map([...marksOf(this.registration.data.metadata), ...this.#marks]);
    return withTraceId(toMetadata(value, marks ?? NO_MARKS), this.origin.traceId);
  }
}

const NO_MARKS: Marks = new Map();
const COMPLETION = ['output', 'outputHash', 'metadata'] as const satisfies (keyof CompleteOptions)[];

/** A field that is left out where there is no value. */
const optional = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [name in Name]?: Value } =>
  value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
