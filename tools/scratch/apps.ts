import { freePort } from '@factflow/testing';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, waitUntilReady } from '../start/service';
import type { Scope } from './scope';

const PORT_VARIABLES = { command: 'FACTFLOW_COMMAND_PORT', query: 'FACTFLOW_QUERY_PORT' } as const;

/** A built app as a process of its own, ended with the scope. */
export interface App {
  /** such as `http://127.0.0.1:40123`; the same after a restart */
  readonly url: string;
  /** Ends it with SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  /** Starts it again; returns when it is ready. */
  restart(): Promise<void>;
}

/** What apps are started with. */
export interface AppSurroundings {
  /** folder of the workspace; what was built is in `dist` below it */
  readonly root: string;
  /** ends the wait for an app */
  readonly signal: AbortSignal;
  /** where CPU profiles go */
  readonly profileDir?: string | undefined;
}

/** Starts a built app on a database and waits until it is ready. */
export async function startApp(
  name: keyof typeof PORT_VARIABLES,
  databaseUrl: string,
  { root, signal, profileDir }: AppSurroundings,
  scope: Scope,
): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'factflow-app-'));
  scope.defer('remove the folder of an app', () => rmSync(folder, { recursive: true, force: true }));
  const logFile = join(folder, `${name}.log`);
  const env = {
    DATABASE_URL: databaseUrl,
    FACTFLOW_QUERY_DATABASE_URL: undefined,
    FACTFLOW_HOST: '127.0.0.1',
    FACTFLOW_LOG_LEVEL: 'warn',
    FACTFLOW_PAYLOAD_STORE: `file:${join(folder, 'payloads')}`,
    NODE_ENV: 'production',
    [PORT_VARIABLES[name]]: String(port),
  };
  const args = [...profiling(profileDir), join(root, 'dist/apps', name, 'main.mjs')];
  const start = (): Program => new Program({ args, cwd: root, env, logFile });
  let program = start();
  scope.defer(`stop the ${name} app`, () => program.stop());
  const ready = (): Promise<void> => waitUntilReady(name, program, { url, logFile, signal });
  await ready();
  return {
    url,
    kill: () => program.kill(),
    restart: async () => {
      program = start();
      await ready();
    },
  };
}

function profiling(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  mkdirSync(directory, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}
