import { Module, type DynamicModule } from '@nestjs/common';
import type { CommandConfig } from '../config';
import { Database } from '../database/database';
import { MaintenanceMetrics } from './maintenance-metrics';
import { MaintenanceSource } from './maintenance-source';
import { PartitionsAhead } from './partitions-ahead';

/** What keeps the tables in shape beside ingest. */
@Module({})
export class MaintenanceModule {
  static forRoot({ databaseUrl }: CommandConfig): DynamicModule {
    return {
      module: MaintenanceModule,
      providers: [
        {
          provide: MaintenanceSource,
          inject: [Database],
          useFactory: (database: Database) => new MaintenanceSource(database, databaseUrl),
        },
        MaintenanceMetrics,
        PartitionsAhead,
      ],
    };
  }
}
