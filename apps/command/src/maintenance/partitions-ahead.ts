import { ensurePartitionsAhead } from '@factflow/store';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { MaintenanceMetrics } from './maintenance-metrics';
import { MaintenanceSource } from './maintenance-source';
import { Rounds } from './rounds';

/**
 * Keeps partitions ready for the executions of now and of the next two ranges. Where it cannot, nothing is refused: the
 * default partition takes the rows. Any number of apps may do so at once.
 */
@Injectable()
export class PartitionsAhead implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PartitionsAhead.name);
  private readonly rounds = new Rounds('make partitions', this.logger, () => this.make());
  private readonly told = new Set<string>();

  constructor(
    private readonly source: MaintenanceSource,
    private readonly metrics: MaintenanceMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  private async make(): Promise<void> {
    const { made, skipped } = await ensurePartitionsAhead(await this.source.open(), Date.now());
    this.metrics.partitionsMade.inc(made.length);
    if (made.length > 0) this.logger.log(`made partitions: ${made.join(', ')}`);
    const news = skipped.filter((range) => !this.told.has(range));
    for (const range of news) this.told.add(range);
    if (news.length > 0) {
      this.logger.log(`no partitions for ${news.join(', ')}: the default partition has rows of these ranges`);
    }
  }
}
