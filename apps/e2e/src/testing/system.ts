import { eventually, freePort, scratchDatabase, startProcess, type TestProcess } from '@factflow/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

/** The built program of an app, as `npm run build` leaves it. */
export const programOf = (app: string): string => join(ROOT, 'dist/apps', app, 'main.mjs');

/** A built server as a process. */
export interface App {
  /** such as `http://127.0.0.1:40123`; the same after a restart */
  readonly url: string;
  /** the process that runs now */
  readonly process: TestProcess;
  /** Ends it with SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its port, with further settings; returns when it is ready. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>;
}

/** Command apps and a query app on one database. */
export interface System {
  readonly databaseUrl: string;
  /** of the payload store of all apps */
  readonly payloadFolder: string;
  readonly commands: readonly App[];
  readonly command: App;
  readonly query: App;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** how many command apps; default 1 */
  readonly commands?: number;
  /** a database of one's own; default: an empty one that is dropped at the end */
  readonly databaseUrl?: string;
  /** what the command apps connect to when that is not the database itself, such as a proxy before it */
  readonly commandDatabaseUrl?: string;
  /** further settings of the command apps */
  readonly commandEnv?: Readonly<Record<string, string>>;
  /** further settings of all apps */
  readonly env?: Readonly<Record<string, string>>;
  /** further settings of the query app */
  readonly queryEnv?: Readonly<Record<string, string>>;
}

/** Starts the built apps and returns when all are ready. The first command app migrates the database. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const database = options.databaseUrl === undefined ? await scratchDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? (database?.url as string);
  const commandUrl = options.commandDatabaseUrl ?? databaseUrl;
  const payloadFolder = mkdtempSync(join(tmpdir(), 'factflow-payloads-'));
  const env = { FACTFLOW_PAYLOAD_STORE: `file:${payloadFolder}`, ...options.env };
  const starting = Array.from({ length: options.commands ?? 1 }, () =>
    startApp('command', 'FACTFLOW_COMMAND_PORT', commandUrl, { ...env, ...options.commandEnv }),
  );
  const apps = await Promise.all([
    startApp('query', 'FACTFLOW_QUERY_PORT', databaseUrl, { ...env, ...options.queryEnv }),
    ...starting,
  ]);
  const [query, ...commands] = apps as [App, ...App[]];
  return {
    databaseUrl,
    payloadFolder,
    commands,
    command: commands[0] as App,
    query,
    stop: async () => {
      await Promise.all(apps.map((app) => app.process.stop()));
      await database?.drop();
      rmSync(payloadFolder, { recursive: true, force: true });
    },
  };
}

async function startApp(
  app: string,
  portVariable: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>>,
): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    DATABASE_URL: databaseUrl,
    [portVariable]: String(port),
    FACTFLOW_LOG_LEVEL: 'warn',
    ...more,
  };
  const start = (settings?: Readonly<Record<string, string>>): TestProcess =>
    startProcess(process.execPath, [programOf(app)], { env: { ...env, ...settings } });
  let running = start();
  await isReady(url, running);
  return {
    url,
    get process() {
      return running;
    },
    kill: async () => {
      running.signal('SIGKILL');
      await running.exit;
    },
    restart: async (settings) => {
      running = start(settings);
      await isReady(url, running);
    },
  };
}

async function isReady(url: string, running: TestProcess): Promise<void> {
  let ended = false;
  void running.exit.then(() => (ended = true));
  const ready = await eventually(
    async () => ended || (await fetch(`${url}/health/ready`)).status === 200,
    `${url} to be ready`,
    { timeoutMs: 30_000 },
  );
  if (ended && ready) throw new Error(`${url} ended before it was ready: ${running.stdout}${running.stderr}`);
}
