import { dropDatabasesOfRun } from './run-databases';
import { heldServer, RUN_VARIABLE, URL_VARIABLE } from './test-server';

/** Stops and removes the server that the set-up started; on a server of one's own, drops what this run made there. */
async function tearDownPostgres(): Promise<void> {
  const server = heldServer();
  if (server) return server.stop();
  const [url, run] = [process.env[URL_VARIABLE], process.env[RUN_VARIABLE]];
  if (url && run) await dropDatabasesOfRun(url, run);
}

module.exports = tearDownPostgres;
