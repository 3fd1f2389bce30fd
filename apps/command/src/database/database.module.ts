import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { WriterConfig } from '../config';
import { Database } from './database';
import { createWriteSource } from './write-source';

/** For all but ingest, whose threads have connections of their own. */
const POOL_SIZE = 2;

@Module({})
export class DatabaseModule {
  static forRoot(config: WriterConfig): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: DataSource,
          useFactory: () => createWriteSource({ ...config, poolSize: POOL_SIZE }, 'factflow-command'),
        },
        Database,
      ],
      exports: [Database],
    };
  }
}
