import { HealthModule, MetricsModule } from '@factflow/server';
import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { QueryConfig } from './config';
import { Database } from './database/database';
import { DatabaseModule } from './database/database.module';
import { ExecutionsController } from './executions/executions.controller';
import { GetExecutionHandler } from './executions/get-execution';
import { ListExecutionsHandler } from './executions/list-executions';
import { GetChainHandler } from './lineage/get-chain';
import { GetChildrenHandler } from './lineage/get-children';
import { GetRecordHandler } from './lineage/get-record';
import { GetStatsHandler } from './lineage/get-stats';
import { LineageController } from './lineage/lineage.controller';
import { ListEventsHandler } from './lineage/list-events';
import { ListFailuresHandler } from './lineage/list-failures';
import { ListRecordsHandler } from './lineage/list-records';
import { MAX_TRACE_IDS, TRACE_LIMIT } from './lineage/read-trace';
import { StreamChainHandler } from './lineage/stream-chain';
import { GetRecorderHandler } from './recorders/get-recorder';
import { ListRecordersHandler } from './recorders/list-recorders';
import { RecordersController } from './recorders/recorders.controller';
import { GetPayloadHandler } from './storage/get-payload';
import { ListPayloadsHandler } from './storage/list-payloads';
import { payloadStoreProviders } from './storage/payload-store';
import { StorageController } from './storage/storage.controller';
import { VerifyController } from './verify/verify.controller';
import { VerifyLineageHandler } from './verify/verify-lineage';

const HANDLERS = [
  GetChainHandler,
  GetChildrenHandler,
  GetExecutionHandler,
  GetPayloadHandler,
  GetRecordHandler,
  GetRecorderHandler,
  GetStatsHandler,
  ListEventsHandler,
  ListExecutionsHandler,
  ListFailuresHandler,
  ListPayloadsHandler,
  ListRecordersHandler,
  ListRecordsHandler,
  StreamChainHandler,
  VerifyLineageHandler,
];

/** Connecting gives up after 2 s; the check must be heard after that to say why. */
const CHECK_TIMEOUT_MS = 4000;

/** Answers questions about executions and records; writes nothing. */
@Module({})
export class AppModule {
  /** @param traceLimit ids a trace holds at most */
  static forRoot(config: QueryConfig, traceLimit = MAX_TRACE_IDS): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        DatabaseModule.forRoot(config),
        MetricsModule,
        HealthModule.forRootAsync({
          inject: [Database],
          useFactory: (database: Database) => ({
            checks: { database: () => database.check() },
            timeoutMs: CHECK_TIMEOUT_MS,
          }),
        }),
      ],
      controllers: [
        VerifyController,
        LineageController,
        ExecutionsController,
        RecordersController,
        StorageController,
      ],
      providers: [
        ...HANDLERS,
        ...payloadStoreProviders(config),
        { provide: TRACE_LIMIT, useValue: traceLimit },
      ],
    };
  }
}
