import { pinExecution, unpinExecution, type Pin } from '@factflow/store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { ExecutionError } from './execution-error';

/** Pins an execution, so that it is never pruned, or takes its pin away. */
export class ChangePin extends Command<Pin | null> {
  constructor(
    readonly executionId: string,
    /** null: no pin any more */
    readonly pin: Pick<Pin, 'reason'> | null,
  ) {
    super();
  }
}

@CommandHandler(ChangePin)
export class ChangePinHandler implements ICommandHandler<ChangePin> {
  constructor(private readonly database: Database) {}

  /** @returns the pin as it is now. @throws ExecutionError when there is no such execution, or none any more */
  async execute({ executionId, pin }: ChangePin): Promise<Pin | null> {
    const dataSource = await this.database.writable();
    const outcome = await (pin
      ? pinExecution(dataSource, executionId, pin.reason)
      : unpinExecution(dataSource, executionId));
    if (outcome.execution === 'unknown') throw ExecutionError.unknown(executionId);
    if (outcome.execution === 'pruned') throw ExecutionError.pruned(executionId, outcome.prunedAt);
    return outcome.pin;
  }
}
