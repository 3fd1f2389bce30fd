import { templateDatabase } from '@factflow/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, INGEST_SETTINGS } from '../data-source';
import { migrate } from '../migrate';

/** A database of one's own with the newest schema, and a data source on it as the command app has one. */
export interface MigratedDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Closes the data source and drops the database. */
  drop(): Promise<void>;
}

const open = async (url: string): Promise<DataSource> =>
  createDataSource({ url, poolSize: 8, applicationName: 'spec', settings: INGEST_SETTINGS }).initialize();

/** Clones the migrated template: milliseconds. */
export async function migratedDatabase(): Promise<MigratedDatabase> {
  const template = await templateDatabase('store', async (url) => {
    const dataSource = await open(url);
    await migrate(dataSource);
    await dataSource.destroy();
  });
  const database = await template.clone();
  const dataSource = await open(database.url);
  return {
    url: database.url,
    dataSource,
    drop: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
