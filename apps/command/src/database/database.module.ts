import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { WriterConfig } from '../config';
import { Database } from './database';
import { createWriteSource } from './write-source';

@Module({})
export class DatabaseModule {
  static forRoot(config: WriterConfig): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DataSource, useFactory: () => createWriteSource(config, 'factflow-command') },
        Database,
      ],
      exports: [Database],
    };
  }
}
