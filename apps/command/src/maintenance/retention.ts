import { counted, formatTime } from '@factflow/domain';
import { PruneRunningError } from '@factflow/store';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { PruneExecutions } from './prune-executions';
import { RETENTION_DAYS, retentionLimit } from './retention-days';
import { Rounds } from './rounds';

/** Prunes what has outlived its retention, when that is set. Of several apps one does so at a time. */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Retention.name);
  private readonly rounds = new Rounds('prune', this.logger, (signal) => this.prune(signal));

  constructor(
    private readonly commands: CommandBus,
    @Inject(RETENTION_DAYS) private readonly retentionDays: number | undefined,
  ) {}

  onApplicationBootstrap(): void {
    if (this.retentionDays !== undefined) this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** @param signal ends it after the batch at work */
  private async prune(signal: AbortSignal): Promise<void> {
    const before = retentionLimit(this.retentionDays, Date.now()) as number;
    const run = await this.commands.execute(new PruneExecutions(before, 'retention', false));
    try {
      let next = await run.next();
      while (!next.done && !signal.aborted) next = await run.next();
      const { executions, records, events, partitionsDropped } = next.value;
      if (executions + events + partitionsDropped === 0) return;
      this.logger.log(
        `pruned what had no events since ${formatTime(before)}: ${counted(executions, 'execution')}, ${counted(records, 'record')}, ` +
          `${counted(events, 'event')}, ${counted(partitionsDropped, 'range')}`,
      );
    } catch (error) {
      if (!(error instanceof PruneRunningError)) throw error;
      this.logger.debug('another prune is at work');
    } finally {
      await run.return(undefined as never);
    }
  }
}
