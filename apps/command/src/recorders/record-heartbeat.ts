import type { Heartbeat } from '@factflow/domain';
import { recordHeartbeat } from '@factflow/store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';

/** Keeps what a recorder says of itself. */
export class RecordHeartbeat extends Command<void> {
  constructor(
    readonly recorderId: string,
    readonly heartbeat: Heartbeat,
  ) {
    super();
  }
}

@CommandHandler(RecordHeartbeat)
export class RecordHeartbeatHandler implements ICommandHandler<RecordHeartbeat> {
  constructor(private readonly database: Database) {}

  /** @throws when the database is away */
  async execute({ recorderId, heartbeat }: RecordHeartbeat): Promise<void> {
    await recordHeartbeat(await this.database.writable(), recorderId, heartbeat);
  }
}
