import { randomBytes } from 'node:crypto';
// Jest loads this file without the path aliases of tsconfig.base.json.
// eslint-disable-next-line @nx/enforce-module-boundaries
import { startEmbeddedPostgres, temporaryDataDir } from '../../postgres/src/index';
import { checkServer } from './check-server';
import { holdServer, RUN_VARIABLE, URL_VARIABLE } from './test-server';

/**
 * Makes `TEST_DATABASE_URL` name a server for the specs of this run: the one it names already, which must answer,
 * or an embedded one with nothing in it that is thrown away at the end.
 */
async function setUpPostgres(): Promise<void> {
  process.env[RUN_VARIABLE] ??= randomBytes(4).toString('hex');
  const given = process.env[URL_VARIABLE];
  if (given) return checkServer(given);
  const server = await startEmbeddedPostgres({
    dataDir: temporaryDataDir(),
    durable: false,
    removeOnStop: true,
    maxConnections: 200,
    settings: { shared_buffers: '256MB', max_wal_size: '2GB', autovacuum_naptime: '10s' },
  });
  holdServer(server);
  process.env[URL_VARIABLE] = server.url();
}

module.exports = setUpPostgres;
