// npm run schema: writes libs/store/schema.sql from a freshly migrated database.
import { startEmbeddedPostgres } from '@factflow/postgres';
import { createDataSource, migrate } from '@factflow/store';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpSchema } from './dump-schema';

async function writeSchema(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'factflow-schema-'));
  // The account a server started by root runs as has to get in.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false });
  try {
    const dataSource = createDataSource({ url: server.url(), poolSize: 2, applicationName: 'schema' });
    await dataSource.initialize();
    await migrate(dataSource);
    await writeFile('libs/store/schema.sql', await dumpSchema(dataSource));
    await dataSource.destroy();
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

void writeSchema();
