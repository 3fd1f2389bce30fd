import { Module, type DynamicModule } from '@nestjs/common';
import { AppendEventsHandler } from './append-events';
import { IngestMetrics } from './ingest-metrics';
import { IngestController } from './ingest.controller';
import { PendingBytes } from './pending-bytes';

@Module({})
export class IngestModule {
  /** @param maxPendingBytes decompressed bytes of requests in the process at once */
  static forRoot(maxPendingBytes: number): DynamicModule {
    return {
      module: IngestModule,
      controllers: [IngestController],
      providers: [
        AppendEventsHandler,
        IngestMetrics,
        {
          provide: PendingBytes,
          inject: [IngestMetrics],
          useFactory: (metrics: IngestMetrics) => {
            const pending = new PendingBytes(maxPendingBytes);
            metrics.watch(pending);
            return pending;
          },
        },
      ],
    };
  }
}
