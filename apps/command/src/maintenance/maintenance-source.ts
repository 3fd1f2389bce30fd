import { Injectable } from '@nestjs/common';
import type { Database } from '../database/database';
import { FurtherSource } from '../database/further-source';

/** One to prune, one to make partitions, one to spare. */
const POOL_SIZE = 3;

/** Connections of maintenance, without the settings of ingest, which are wrong for statements over many rows. */
@Injectable()
export class MaintenanceSource extends FurtherSource {
  constructor(database: Database, databaseUrl: string) {
    super(database, {
      url: databaseUrl,
      poolSize: POOL_SIZE,
      applicationName: 'factflow-maintenance',
      connectTimeoutMs: 2000,
    });
  }
}
