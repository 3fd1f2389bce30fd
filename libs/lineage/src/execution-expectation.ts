import type { ExecutionCompletion } from '@factflow/domain';
import type { Drawn } from './draw-twin';
import { checked, ExpectedFailure, unexpected } from './expectation';
import type { TwinExecution } from './lineage-twin';

/** An execution: its handle, its id, or its name; undefined: the only one. */
export type ExecutionRef = string | { readonly id: string } | { readonly name: string } | undefined;

/** What is expected of one execution, as {@link RecordExpectation} does of a record. */
export class ExecutionExpectation {
  constructor(
    private readonly fold: () => Promise<Drawn>,
    private readonly ref: ExecutionRef,
  ) {}

  /** Completed, and every record in it settled. */
  toBeDone(): Promise<TwinExecution> {
    return this.#toBe(this.toBeDone, 'done', 'to be done');
  }

  /** Not ended. */
  toBeRunning(): Promise<TwinExecution> {
    return this.#toBe(this.toBeRunning, 'running', 'to be running');
  }

  /** Completed, while some record in it has not settled. */
  toAwaitRecords(): Promise<TwinExecution> {
    return this.#toBe(this.toAwaitRecords, 'awaiting_records', 'to await records');
  }

  toBeCancelled(): Promise<TwinExecution> {
    return this.#toBe(this.toBeCancelled, 'cancelled', 'to be cancelled');
  }

  /**
   * @param errorClass the class of the error
   * @param message its message, as it is or matching; any where it is left out
   */
  toHaveFailedWith(errorClass: string, message?: string | RegExp): Promise<TwinExecution> {
    const failure = new ExpectedFailure(errorClass, message);
    return this.#check(this.toHaveFailedWith, String(failure), (ended) => failure.differenceOf(ended));
  }

  #toBe(
    method: () => Promise<TwinExecution>,
    wanted: ExecutionCompletion,
    expected: string,
  ): Promise<TwinExecution> {
    return this.#check(method, expected, ({ completion, unsettled, placeholders }) => {
      if (completion === wanted) return undefined;
      const waits = [
        ...(unsettled > 0 ? [`${unsettled} not settled`] : []),
        ...(placeholders > 0 ? [`${placeholders} not registered`] : []),
      ].join(', ');
      return `but it is ${completion}${waits === '' ? '' : ` (${waits})`}`;
    });
  }

  #check(
    method: (...values: never[]) => unknown,
    expected: string,
    difference: (execution: TwinExecution) => string | undefined,
  ): Promise<TwinExecution> {
    return checked(method, async () => {
      const all = await this.fold();
      const found = all.executions.filter((execution) => isMeant(execution, this.ref));
      const [execution] = found;
      const what = `${named(this.ref)} ${expected}`;
      if (!execution) throw unexpected(what, 'but there is no such execution', all);
      if (found.length > 1) throw unexpected(what, `but there are ${found.length} such executions`, all);
      const wrong = difference(execution);
      if (wrong !== undefined) throw unexpected(what, wrong, { ...all, executions: found });
      return execution;
    });
  }
}

function isMeant(execution: TwinExecution, ref: ExecutionRef): boolean {
  if (ref === undefined) return true;
  if (typeof ref === 'string') return execution.id === ref;
  return 'id' in ref ? execution.id === ref.id : execution.name === ref.name;
}

function named(ref: ExecutionRef): string {
  if (ref === undefined) return 'the only execution';
  if (typeof ref === 'string') return `execution ${ref}`;
  return `execution ${'id' in ref ? ref.id : ref.name}`;
}
