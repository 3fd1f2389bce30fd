/** Names the server the specs use. */
export const URL_VARIABLE = 'TEST_DATABASE_URL';
/** Names this run of the specs, so that everything it leaves on a server can be told from that of others. */
export const RUN_VARIABLE = 'FACTFLOW_TEST_RUN';

interface Stoppable {
  stop(): Promise<void>;
}

// Set-up and tear-down are loaded apart, in one process.
const holder = globalThis as { factflowTestServer?: Stoppable };

export function holdServer(server: Stoppable): void {
  holder.factflowTestServer = server;
}

export function heldServer(): Stoppable | undefined {
  return holder.factflowTestServer;
}

/** The server the specs use; without one, says what the project's Jest configuration lacks. */
export function testServerUrl(): string {
  const url = process.env[URL_VARIABLE];
  if (url) return url;
  throw new Error(
    `${URL_VARIABLE} is not set: the project's jest.config.cjs needs globalSetup '../../libs/testing/src/postgres.global-setup.ts' ` +
      "and globalTeardown '../../libs/testing/src/postgres.global-teardown.ts'",
  );
}

/** Begins the name of every database this run makes. */
export function databasePrefix(run = process.env[RUN_VARIABLE] ?? 'local'): string {
  return `factflow_test_${run}_`;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
