// npm run schema: writes libs/store/schema.sql from a freshly migrated database.
import { startEmbeddedPostgres, temporaryDataDir } from '@factflow/postgres';
import { createDataSource, migrate } from '@factflow/store';
import { rm, writeFile } from 'node:fs/promises';
import { dumpSchema } from './dump-schema';

async function writeSchema(): Promise<void> {
  const dataDir = temporaryDataDir();
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  try {
    const dataSource = createDataSource({ url: server.url(), poolSize: 2, applicationName: 'schema' });
    await dataSource.initialize();
    await migrate(dataSource);
    await writeFile('libs/store/schema.sql', await dumpSchema(dataSource));
    await dataSource.destroy();
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

void writeSchema();
