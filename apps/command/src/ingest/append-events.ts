import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import type { AppendReport } from './ingest';
import { IngestMetrics } from './ingest-metrics';
import { IngestWorkers } from './ingest-workers';
import type { BatchFormat } from './parse-batch';

/** Stores the events of a request and folds them into the rows. */
export class AppendEvents extends Command<AppendReport> {
  /** @param body decompressed, in memory of its own: it is given away */
  constructor(
    readonly body: Uint8Array,
    readonly format: BatchFormat,
  ) {
    super();
  }
}

@CommandHandler(AppendEvents)
export class AppendEventsHandler implements ICommandHandler<AppendEvents> {
  constructor(
    private readonly database: Database,
    private readonly workers: IngestWorkers,
    private readonly metrics: IngestMetrics,
  ) {}

  /** @throws ProblemError for a request that cannot be read; when the database is away, as `Ingest.append` */
  async execute({ body, format }: AppendEvents): Promise<AppendReport> {
    await this.database.writable();
    const { report, overturned } = await this.workers.append({ body, format });
    this.metrics.overturned.inc(overturned);
    this.metrics.events.inc({ outcome: 'accepted' }, report.accepted);
    this.metrics.events.inc({ outcome: 'duplicate' }, report.duplicates);
    for (const { code } of report.rejected) this.metrics.events.inc({ outcome: code });
    return report;
  }
}
