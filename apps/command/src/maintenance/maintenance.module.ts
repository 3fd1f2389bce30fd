import { Module, type DynamicModule } from '@nestjs/common';
import type { CommandConfig } from '../config';
import { Database } from '../database/database';
import { MaintenanceMetrics } from './maintenance-metrics';
import { MaintenanceSource } from './maintenance-source';
import { PartitionsAhead } from './partitions-ahead';
import { PayloadCare } from './payload-care';
import { PruneExecutionsHandler } from './prune-executions';
import { PruneController } from './prune.controller';
import { Retention } from './retention';
import { RETENTION_DAYS } from './retention-days';

/** What keeps the tables in shape beside ingest. */
@Module({})
export class MaintenanceModule {
  static forRoot({ databaseUrl, retentionDays }: CommandConfig): DynamicModule {
    return {
      module: MaintenanceModule,
      controllers: [PruneController],
      providers: [
        {
          provide: MaintenanceSource,
          inject: [Database],
          useFactory: (database: Database) => new MaintenanceSource(database, databaseUrl),
        },
        MaintenanceMetrics,
        { provide: RETENTION_DAYS, useValue: retentionDays },
        PartitionsAhead,
        PayloadCare,
        PruneExecutionsHandler,
        Retention,
      ],
    };
  }
}
