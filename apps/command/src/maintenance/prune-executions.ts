import {
  prune,
  type PruneCounts,
  type PruneProgress,
  type PruneSummary,
  type PruneTrigger,
} from '@factflow/store';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { MaintenanceMetrics } from './maintenance-metrics';
import { MaintenanceSource } from './maintenance-source';
import { RETENTION_DAYS, retentionLimit } from './retention-days';

/** A prune under way: nothing happens but by asking it to go on, and it ends where it is not asked any more. */
export type PruneRun = AsyncGenerator<PruneProgress, PruneSummary, undefined>;

/** Removes the executions that are over and had their last event before a time. */
export class PruneExecutions extends Command<PruneRun> {
  constructor(
    /** milliseconds since 1970 */
    readonly before: number,
    readonly trigger: PruneTrigger,
    /** only counts what would go */
    readonly dryRun: boolean,
  ) {
    super();
  }
}

@CommandHandler(PruneExecutions)
export class PruneExecutionsHandler implements ICommandHandler<PruneExecutions> {
  constructor(
    private readonly source: MaintenanceSource,
    private readonly metrics: MaintenanceMetrics,
    @Inject(RETENTION_DAYS) private readonly retentionDays: number | undefined,
  ) {}

  execute(command: PruneExecutions): Promise<PruneRun> {
    return Promise.resolve(this.run(command));
  }

  private async *run({ before, trigger, dryRun }: PruneExecutions): PruneRun {
    const now = Date.now();
    const abandonedBefore = retentionLimit(this.retentionDays, now) ?? null;
    const run = prune(await this.source.open(), { before, abandonedBefore, trigger, dryRun, now });
    let counted: PruneCounts = { executions: 0, records: 0, events: 0, partitionsDropped: 0 };
    try {
      for (;;) {
        const next = await run.next();
        if (!dryRun) this.count(counted, next.value);
        counted = next.value;
        if (next.done) return next.value;
        yield next.value;
      }
    } finally {
      await run.return(undefined as never);
    }
  }

  private count(before: PruneCounts, after: PruneCounts): void {
    this.metrics.prunedExecutions.inc(after.executions - before.executions);
    this.metrics.prunedRecords.inc(after.records - before.records);
    this.metrics.partitionsDropped.inc(after.partitionsDropped - before.partitionsDropped);
  }
}
