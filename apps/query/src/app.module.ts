import { HealthModule, MetricsModule } from '@factflow/server';
import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { QueryConfig } from './config';
import { Database } from './database/database';
import { DatabaseModule } from './database/database.module';
import { DiffController } from './executions/diff/diff.controller';
import { MAX_DIFF_RECORDS } from './executions/diff/compare';
import { Comparer, GetDiffHandler } from './executions/diff/get-diff';
import { StreamDiffHandler } from './executions/diff/stream-diff';
import { ExecutionsController } from './executions/executions.controller';
import { GetExecutionHandler } from './executions/get-execution';
import { ListExecutionsHandler } from './executions/list-executions';
import { GetChainHandler } from './lineage/get-chain';
import { GetChildrenHandler } from './lineage/get-children';
import { GetRecordHandler } from './lineage/get-record';
import { GetStatsHandler } from './lineage/get-stats';
import { GroupFailuresHandler } from './lineage/group-failures';
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
  GetDiffHandler,
  GetExecutionHandler,
  GetPayloadHandler,
  GetRecordHandler,
  GetRecorderHandler,
  GetStatsHandler,
  GroupFailuresHandler,
  ListEventsHandler,
  ListExecutionsHandler,
  ListFailuresHandler,
  ListPayloadsHandler,
  ListRecordersHandler,
  ListRecordsHandler,
  StreamChainHandler,
  StreamDiffHandler,
  VerifyLineageHandler,
];

/** Connecting gives up after 2 s; the check must be heard after that to say why. */
const CHECK_TIMEOUT_MS = 4000;

/** What an answer takes into memory at most. */
export interface AppLimits {
  /** ids of a trace */
  readonly traceLimit?: number;
  /** records of each of two compared executions */
  readonly diffLimit?: number;
}

/** Answers questions about executions and records; writes nothing. */
@Module({})
export class AppModule {
  static forRoot(
    config: QueryConfig,
    { traceLimit = MAX_TRACE_IDS, diffLimit = MAX_DIFF_RECORDS }: AppLimits = {},
  ): DynamicModule {
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
        DiffController,
        RecordersController,
        StorageController,
      ],
      providers: [
        ...HANDLERS,
        ...payloadStoreProviders(config),
        { provide: TRACE_LIMIT, useValue: traceLimit },
        {
          provide: Comparer,
          inject: [Database],
          useFactory: (database: Database) => new Comparer(database, diffLimit),
        },
      ],
    };
  }
}
