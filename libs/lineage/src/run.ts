import { context } from './context';
import type { LineageExecution, RegisterInExecutionOptions } from './execution';
import type { Followed } from './follow';
import { LiveRecord } from './live-record';
import { NO_RECORD, type LineageRecord, type StartOptions } from './record';

/** What `run` registers, and where. */
export interface RunOptions extends RegisterInExecutionOptions {
  /** the execution the record belongs to. Default: that of the work around, or of the first parent, or one of its own */
  readonly execution?: LineageExecution;
  /** the name of the record's own execution, if it gets one. Default: the service's name */
  readonly executionName?: string;
}

/** The record `run` goes on with, and what it is started with. */
export interface ResumedRunOptions extends StartOptions {
  readonly record: LineageRecord;
}

/** The scope of a record that another process registered, or that was registered before. */
export function goOn(recorder: object, record: LineageRecord, received: StartOptions): RunScope {
  if (record instanceof LiveRecord && !record.started && !record.ended) record.start(received);
  return new RunScope(recorder, record);
}

/** Whether a value is the handle of a record, or of none. */
export const isRecord = (value: unknown): value is LineageRecord =>
  value instanceof LiveRecord || value === NO_RECORD;

/** A record, and its own execution if it has one, ending with the work they stand for. */
export class RunScope implements Followed {
  constructor(
    private readonly recorder: object,
    readonly record: LineageRecord,
    private readonly ownExecution?: LineageExecution,
  ) {}

  enter<T>(work: () => T): T {
    return this.record.recorded
      ? context.run({ recorder: this.recorder, record: this.record }, work)
      : work();
  }

  completed(output: unknown): void {
    if (!this.record.ended) this.record.complete({ output });
    this.#endExecution((execution) => execution.complete());
  }

  yielded(items: number, kind = 'generator'): void {
    if (!this.record.ended)
      this.record.complete({ outputHash: `unhashed:${kind}`, metadata: { yielded: items } });
    this.#endExecution((execution) => execution.complete());
  }

  failed(error: unknown): void {
    if (!this.record.ended) this.record.fail(error);
    this.#endExecution((execution) => execution.fail(error));
  }

  cancelled(reason: string): void {
    if (!this.record.ended) this.record.cancel(reason);
    this.#endExecution((execution) => execution.cancel());
  }

  /** The first end decides, as for the record: a stream ends and is closed after it. */
  #endExecution(end: (execution: LineageExecution) => void): void {
    if (this.#executionEnded || !this.ownExecution) return;
    this.#executionEnded = true;
    end(this.ownExecution);
  }

  #executionEnded = false;
}
