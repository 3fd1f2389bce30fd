import { LIMITS, newId, timeOfId, toLine, type LineageEvent } from '@factflow/domain';
import { Capture } from './capture/capture';
import { context } from './context';
import { registerIn, startExecution, type ExecutionOptions, type LineageExecution } from './execution';
import { property, type Fact } from './facts';
import { follow } from './follow';
import type { FactPort } from './live-record';
import { Announcer } from './logger';
import { exposeMetrics } from './metrics';
import { readOptions, type LineageOptions, type Settings } from './options';
import { Outbox } from './outbox';
import type { FlushResult, OutboxStatus } from './outbox-status';
import { NO_RECORD, type LineageRecord, type StartOptions } from './record';
import { resume, type ResumeOptions } from './resume';
import { goOn, isRecord, RunScope, type ResumedRunOptions, type RunOptions } from './run';

/** What a recorder knows of itself. */
export interface RecorderStatus extends OutboxStatus {
  readonly recorderId: string;
  readonly service: string;
  /** where events are shipped to; null when the options name no place */
  readonly target: string | null;
  /** a file, or `stderr` */
  readonly structuredLog: string;
  /** events made so far: the last one's place in the sequence */
  readonly sequence: number;
  /** calls that meant nothing: a record or execution ended or started again, or a value nothing could be made of */
  readonly ignored: number;
  /** after `close()` events go to the structured log */
  readonly closed: boolean;
}

/** The flight recorder of a service. No method throws, and none makes the pipeline wait. */
export class LineageRecorder {
  /** names this recorder in its events */
  readonly id = newId();
  readonly #settings: Settings;
  readonly #outbox: Outbox;
  readonly #capture: Capture;
  readonly #hideMetrics: () => void;
  #sequence = 0;
  #ignored = 0;
  #lastExecutionId = '';
  #lastEarliest = 0;
  #closing: Promise<FlushResult> | undefined;

  /** Wrong options are warned of once, and never throw: see `readOptions`. */
  constructor(options: LineageOptions) {
    this.#settings = readOptions(options);
    const { logger, problems } = this.#settings;
    const announcer = new Announcer(logger);
    if (problems.length > 0) announcer.warn('options', () => problems.join('; '));
    this.#outbox = new Outbox(this.id, this.#settings, announcer);
    const { payloads } = this.#outbox;
    this.#capture = new Capture(this.#settings.capture, payloads, payloads.control, announcer);
    this.#hideMetrics = this.#settings.sink ? () => undefined : exposeMetrics(() => this.status());
  }

  startExecution(options: ExecutionOptions): LineageExecution {
    return startExecution(this.#port, options);
  }

  /**
   * Goes on with the record whose `headers()` came with a message. Attempt 1 is that record, to be started and ended
   * here. A later attempt is a new record of the same parents, `retryOf` the first. Headers are not trusted: what
   * cannot be read leads to `otherwise`, or to a record that takes every call and does nothing.
   */
  resume(headers: unknown, options?: ResumeOptions): LineageRecord {
    return this.#port.guard(() => resume(this.#port, this.#settings.service, headers, options), NO_RECORD);
  }

  /**
   * Does work as a record: registered and started now, completed with the hash of what the work returns, or failed
   * with what it throws. What `run` is called in is its parent; with nothing around, it gets an execution of its own.
   * Promises, generators and Node streams are followed to their end. Value and error reach the caller unchanged.
   * With a `record` that was resumed it goes on with that one: started now, with what was received as its `input`.
   */
  run<T>(options: RunOptions | ResumedRunOptions, work: (record: LineageRecord) => T): T {
    const scope = this.#port.guard(
      () => this.#openScope(options as RunOptions),
      new RunScope(this, NO_RECORD),
    );
    return follow(scope, () => work(scope.record));
  }

  /** The record whose work is being done here, if any. */
  current(): LineageRecord | undefined {
    const current = context.getStore();
    return current?.recorder === this ? current.record : undefined;
  }

  /** Resolves when everything recorded so far is acknowledged, or after `flushTimeoutMs`; says so while it waits. Never rejects. */
  flush(): Promise<FlushResult> {
    return this.#outbox.flush(this.#settings.flushTimeoutMs);
  }

  /** Resolves when the events recorded so far have been answered, or after `flushTimeoutMs`. Never rejects. @returns whether they have @internal */
  settle(): Promise<boolean> {
    return this.#outbox.settle(this.#settings.flushTimeoutMs);
  }

  /** Flushes, and ships what dead processes left, within one flush's time. What is left stays in the spool, or goes to the structured log where there is none; later events go there. Never rejects. */
  close(): Promise<FlushResult> {
    this.#closing ??= this.#outbox.close(this.#settings.flushTimeoutMs).finally(this.#hideMetrics);
    return this.#closing;
  }

  status(): RecorderStatus {
    return {
      recorderId: this.id,
      service: this.#settings.service,
      target: this.#outbox.target ?? null,
      structuredLog: this.#settings.structuredLog,
      sequence: this.#sequence,
      ignored: this.#ignored,
      closed: this.#closing !== undefined,
      ...this.#outbox.status(),
    };
  }

  readonly #port: FactPort = {
    emit: (fact) => this.#emit(fact),
    messagesOf: (options) => this.#capture.of(options),
    ignore: () => {
      this.#ignored += 1;
    },
    guard: (action, otherwise) => {
      try {
        return action();
      } catch {
        this.#ignored += 1;
        return otherwise;
      }
    },
  };

  /** The number is taken when the event is whole: the sequence has no gaps. */
  #emit(fact: Fact): void {
    const sequence = this.#sequence + 1;
    const now = Date.now();
    const event = {
      type: fact.type,
      eventId: newId(now),
      executionId: fact.executionId,
      recordId: fact.recordId,
      occurredAt: Math.max(now, this.#earliest(fact.executionId)),
      source: { recorderId: this.id, sequence },
      data: fact.data,
    } as LineageEvent;
    const line = toLine(event);
    this.#sequence = sequence;
    this.#outbox.add(sequence, line);
  }

  /** Facts of one execution mostly follow each other. */
  #earliest(executionId: string): number {
    if (executionId !== this.#lastExecutionId) {
      this.#lastExecutionId = executionId;
      this.#lastEarliest = (timeOfId(executionId) ?? 0) - LIMITS.beforeExecutionMs;
    }
    return this.#lastEarliest;
  }

  #openScope(options: RunOptions & StartOptions): RunScope {
    const record = property(options, 'record');
    if (isRecord(record)) return goOn(this, record, options);
    const parents = property(options, 'parents');
    const current = this.current();
    const executionId = this.#executionOf(options, current);
    if (executionId === undefined) {
      const name = property(options, 'executionName') ?? this.#settings.service;
      const execution = startExecution(this.#port, { name });
      const record = registerIn(this.#port, execution.id, options, { parents, started: true });
      return new RunScope(this, record, execution);
    }
    const around = current?.executionId === executionId ? [current] : [];
    const place = { parents: parents ?? around, started: true };
    return new RunScope(this, registerIn(this.#port, executionId, options, place));
  }

  #executionOf(options: RunOptions, current: LineageRecord | undefined): string | undefined {
    const given = property(property(options, 'execution'), 'id');
    if (typeof given === 'string' && given !== '') return given;
    const ofParent = property(property(property(options, 'parents'), '0'), 'executionId');
    return typeof ofParent === 'string' && ofParent !== '' ? ofParent : current?.executionId;
  }
}

/** Makes a recorder. Never throws; wrong options are warned of once. */
export const createLineageRecorder = (options: LineageOptions): LineageRecorder =>
  new LineageRecorder(options);
