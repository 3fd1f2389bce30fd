import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, waitUntilReady } from '../start/service';
import type { Bench } from './row';
import type { Scope } from './scope';

const PORT_VARIABLES = { command: 'FACTFLOW_COMMAND_PORT', query: 'FACTFLOW_QUERY_PORT' } as const;

/** A built app as a process of its own, ended with the scope. */
export interface App {
  /** such as `http://127.0.0.1:40123` */
  readonly url: string;
}

/** Starts a built app on a database and waits until it is ready. */
export async function startApp(
  name: keyof typeof PORT_VARIABLES,
  databaseUrl: string,
  bench: Bench,
  scope: Scope,
): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'factflow-bench-'));
  scope.defer('remove the log of an app', () => rmSync(folder, { recursive: true, force: true }));
  const logFile = join(folder, `${name}.log`);
  const program = new Program({
    args: [...profiling(bench.profileDir), join(bench.root, 'dist/apps', name, 'main.mjs')],
    cwd: bench.root,
    env: {
      DATABASE_URL: databaseUrl,
      FACTFLOW_QUERY_DATABASE_URL: undefined,
      FACTFLOW_HOST: '127.0.0.1',
      FACTFLOW_LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
      [PORT_VARIABLES[name]]: String(port),
    },
    logFile,
  });
  scope.defer(`stop the ${name} app`, () => program.stop());
  await waitUntilReady(name, program, { url, logFile, signal: bench.signal });
  return { url };
}

function profiling(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  mkdirSync(directory, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
