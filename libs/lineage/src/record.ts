import type { RegisterOptions } from './facts';
import type { LineageHeaders } from './headers';

/** What a record is completed with. */
export interface CompleteOptions {
  /** the outbound message: its hash is recorded, and its bytes are kept where `capture` says so */
  readonly output?: unknown;
  /** the hash of the outbound message where the message itself is not at hand; goes before `output` */
  readonly outputHash?: string;
  /** laid over the metadata of the registration, key by key */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a record is started with. */
export interface StartOptions {
  /** the message as it was received: its hash is told beside the one it was registered with, which shows what changed on the way */
  readonly input?: unknown;
  /** the hash of the received message where the message itself is not at hand; goes before `input` */
  readonly inputHash?: string;
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
  start(options?: StartOptions): void;
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
