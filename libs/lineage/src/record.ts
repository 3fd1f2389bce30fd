import { encodeCarried, LIMITS, type Metadata } from '@factflow/domain';
import { describeError } from './error-info';
import {
  property,
  registrationOf,
  type Fact,
  type Place,
  type RegisterOptions,
  type Registration,
} from './facts';
import { fingerprint, givenHash } from './fingerprint';
import { HEADER, type LineageHeaders } from './headers';
import { toMetadata, withTraceId } from './metadata';
import { shortenText } from './shorten';
import { outgoingTrace, traceIdNow, type TraceContext } from './trace-context';

/** What a record is completed with. */
export interface CompleteOptions {
  /** the outbound message; only its hash is recorded */
  readonly output?: unknown;
  /** the hash of the outbound message where the message itself is not at hand; goes before `output` */
  readonly outputHash?: string;
  /** laid over the metadata of the registration, key by key */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * One message going through one adapter once. No method throws or waits. The first of `complete`, `fail` and `cancel`
 * decides; calls after it are ignored and counted (`status().ignored`).
 */
export interface LineageRecord {
  /** empty when nothing is recorded: see `recorded` */
  readonly id: string;
  readonly executionId: string;
  /** false for the stand-in returned where there was nothing to record; it takes every call and does nothing */
  readonly recorded: boolean;
  /** whether the record was completed, failed or cancelled through this handle */
  readonly ended: boolean;
  /** The adapter begins to work. Not needed for a record registered as `started`. */
  start(): void;
  /** Registers a child in its own adapter; do so before ending this record, so that nobody takes it for done. */
  registerChild(options: RegisterOptions): LineageRecord;
  complete(options?: CompleteOptions): void;
  /** @param error whatever was thrown */
  fail(error: unknown, options?: Pick<CompleteOptions, 'metadata'>): void;
  cancel(reason?: string, options?: Pick<CompleteOptions, 'metadata'>): void;
  /**
   * What a message carries to the process that goes on with this record: `lineage.resume(headers, …)`. Beside our header
   * `traceparent` and `tracestate`: of the OpenTelemetry span that is active, else of the message the record came with.
   */
  headers(): LineageHeaders;
}

/** What handles need of their recorder. Nothing here throws. */
export interface FactPort {
  emit(fact: Fact): void;
  /** a call that came too late to mean anything */
  ignore(): void;
  /** Runs an action; `otherwise` where it throws. */
  guard<T>(action: () => T, otherwise: T): T;
}

/** Takes every call and does nothing. */
export const NO_RECORD: LineageRecord = Object.freeze({
  id: '',
  executionId: '',
  recorded: false,
  ended: false,
  start: () => undefined,
  registerChild: () => NO_RECORD,
  complete: () => undefined,
  fail: () => undefined,
  cancel: () => undefined,
  headers: () => ({}),
});

/** What is known of a record beside its registration. */
export interface Origin {
  /** the trace of the message it came with; its children belong to it as well */
  readonly trace?: TraceContext | undefined;
  /** laid over the metadata when the record ends: another process registered it */
  readonly traceId?: string | undefined;
  /** an execution of its own, which ends as the record does */
  readonly execution?: Endable | undefined;
}

type Endable = Pick<LineageRecord, 'complete' | 'fail' | 'cancel'>;

/** Registers a record. A child belongs to the trace of its first parent, unless `origin` says another. */
export function registerRecord(
  port: FactPort,
  options: RegisterOptions,
  place: Place,
  origin: Origin = {},
): LineageRecord {
  return port.guard<LineageRecord>(() => {
    const { executionId } = place;
    const trace = origin.trace ?? traceOf(place.parents);
    const registration = registrationOf(options, { ...place, traceId: traceIdNow(trace) });
    port.emit({ type: 'record.registered', executionId, recordId: registration.id, data: registration.data });
    return new LiveRecord(port, executionId, registration, { ...origin, trace });
  }, NO_RECORD);
}

function traceOf(parents: readonly unknown[]): TraceContext | undefined {
  const [first] = parents;
  return first instanceof LiveRecord ? first.origin.trace : undefined;
}

/** The handle of a registered record. */
export class LiveRecord implements LineageRecord {
  readonly recorded = true;
  #started: boolean;
  #ended = false;

  constructor(
    private readonly port: FactPort,
    readonly executionId: string,
    private readonly registration: Registration,
    readonly origin: Origin,
  ) {
    this.#started = registration.data.started ?? false;
  }

  get id(): string {
    return this.registration.id;
  }

  get ended(): boolean {
    return this.#ended;
  }

  start(): void {
    if (this.#started || this.#ended) return this.port.ignore();
    this.#started = true;
    this.port.emit({ type: 'record.started', ...this.#key, data: {} });
  }

  registerChild(options: RegisterOptions): LineageRecord {
    return registerRecord(this.port, options, { executionId: this.executionId, parents: [this] });
  }

  complete(options?: CompleteOptions): void {
    const outputHash = (): string | undefined =>
      givenHash(property(options, 'outputHash')) ?? fingerprint(property(options, 'output'));
    this.#end(
      () => ({
        type: 'record.completed',
        ...this.#key,
        data: { ...optional('outputHash', outputHash()), ...this.#metadataOf(options) },
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
    return { executionId: this.executionId, recordId: this.registration.id };
  }

  #end(fact: () => Fact, endExecution: (execution: Endable) => void): void {
    if (this.#ended) return this.port.ignore();
    this.#ended = true;
    this.port.guard(() => this.port.emit(fact()), undefined);
    if (this.origin.execution) endExecution(this.origin.execution);
  }

  #metadataOf(options: unknown): { metadata?: Metadata } {
    const metadata = toMetadata(property(options, 'metadata'), new Map());
    return optional('metadata', withTraceId(metadata, this.origin.traceId));
  }
}

/** A field that is left out where there is no value. */
const optional = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [name in Name]?: Value } =>
  value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
