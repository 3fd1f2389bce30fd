import { formatTime } from '@factflow/domain';

/** Why nothing can be done with an execution. Codes are part of the contract: add, never rename. */
export type ExecutionErrorCode = 'execution_not_found' | 'execution_pruned';

/** HTTP status of each code. */
export const STATUS_BY_CODE: Readonly<Record<ExecutionErrorCode, number>> = {
  execution_not_found: 404,
  execution_pruned: 404,
};

/** An execution that is not there. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';

  private constructor(
    readonly code: ExecutionErrorCode,
    message: string,
  ) {
    super(message);
  }

  static unknown(id: string): ExecutionError {
    return new ExecutionError('execution_not_found', `There is no execution ${id}.`);
  }

  static pruned(id: string, at: Date): ExecutionError {
    return new ExecutionError(
      'execution_pruned',
      `Execution ${id} was pruned at ${formatTime(at.getTime())}.`,
    );
  }
}
