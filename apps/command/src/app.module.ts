import { HealthModule, MetricsModule } from '@factflow/server';
import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { CommandConfig } from './config';
import { Database } from './database/database';
import { DatabaseModule } from './database/database.module';
import { ExecutionsModule } from './executions/executions.module';
import { IngestModule } from './ingest/ingest.module';
import { MaintenanceModule } from './maintenance/maintenance.module';
import type { PayloadConfig } from './payloads/payload-options';
import { PayloadsModule } from './payloads/payloads.module';
import { RecordersModule } from './recorders/recorders.module';
import { ReplayModule } from './replay/replay.module';

/** Connecting gives up after 2 s; the check must be heard after that to say why. */
const CHECK_TIMEOUT_MS = 4000;

/** Takes events in: appends them, keeps the rows, and the tables in shape. */
@Module({})
export class AppModule {
  /** @param ingestWorker the built `ingest/ingest.worker.ts` */
  static forRoot(config: CommandConfig & PayloadConfig, ingestWorker: string): DynamicModule {
    const payloads = PayloadsModule.forRoot(config);
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        MetricsModule,
        DatabaseModule.forRoot(config),
        IngestModule.forRoot(config, ingestWorker),
        ExecutionsModule,
        RecordersModule,
        payloads,
        MaintenanceModule.forRoot(config),
        ReplayModule.forRoot(config, payloads),
        HealthModule.forRootAsync({
          inject: [Database],
          useFactory: (database: Database) => ({
            checks: { database: () => database.check() },
            timeoutMs: CHECK_TIMEOUT_MS,
          }),
        }),
      ],
    };
  }
}
