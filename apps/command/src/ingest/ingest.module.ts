import { Module, type DynamicModule } from '@nestjs/common';
import { AppendEventsHandler } from './append-events';
import type { CommandConfig } from '../config';
import { IngestMetrics } from './ingest-metrics';
import { IngestController } from './ingest.controller';
import { IngestWorkers } from './ingest-workers';
import { PendingBytes } from './pending-bytes';

@Module({})
export class IngestModule {
  /** @param workerFile the built `ingest.worker.ts` */
  static forRoot(config: CommandConfig, workerFile: string): DynamicModule {
    return {
      module: IngestModule,
      controllers: [IngestController],
      providers: [
        AppendEventsHandler,
        IngestMetrics,
        { provide: IngestWorkers, useFactory: () => new IngestWorkers(config, workerFile) },
        {
          provide: PendingBytes,
          inject: [IngestMetrics],
          useFactory: (metrics: IngestMetrics) => {
            const pending = new PendingBytes(config.maxPendingBytes);
            metrics.watch(pending);
            return pending;
          },
        },
      ],
    };
  }
}
