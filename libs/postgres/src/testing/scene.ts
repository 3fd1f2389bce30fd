import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { presentOwner } from '../ownership';
import { readPostmaster } from '../postmaster';
import { isRunning, processStart, type ProcessRef } from '../process-ref';
import { deadlineIn, poll } from '../wait';
import type { EmbeddedPostgres } from '../embedded-postgres';
import { OwnerProcess, type OwnerOptions } from './owner-process';

const TIMEOUT_MS = 30_000;

/** Folders and processes of one spec, all gone at its end whatever happened. */
export class Scene {
  private readonly folders: string[] = [];
  private readonly owners: OwnerProcess[] = [];
  private readonly handles: EmbeddedPostgres[] = [];

  /** A new folder everybody can reach. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'factflow-spec-'));
    chmodSync(folder, 0o755);
    this.folders.push(folder);
    return folder;
  }

  /** A data directory that does not exist yet. */
  dataDir(): string {
    return join(this.folder(), 'database');
  }

  /** Keeps a server in mind that this process started itself. */
  async keep(starting: Promise<EmbeddedPostgres>): Promise<EmbeddedPostgres> {
    const handle = await starting;
    this.handles.push(handle);
    return handle;
  }

  /** A process of its own that starts the server. */
  process(options: OwnerOptions): OwnerProcess {
    const owner = new OwnerProcess(options);
    this.owners.push(owner);
    return owner;
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.handles.map((handle) => handle.stop()));
    for (const owner of this.owners) {
      for (const pid of [owner.pid, ...owner.watchdogs]) if (pid) kill(pid, 'SIGKILL');
    }
    for (const folder of this.folders) {
      const server = readPostmaster(join(folder, 'database', 'cluster'));
      if (server) {
        kill(server.pid, 'SIGQUIT');
        await gone(server.pid);
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  }
}

/** Waits until something holds; fails with `what` was waited for. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const answer = await poll(deadlineIn(TIMEOUT_MS), ask);
  if (answer === undefined) throw new Error(`Waited ${TIMEOUT_MS} ms for ${what}`);
  return answer;
}

/** Waits for the end of a process. */
export const gone = (pid: number): Promise<true> =>
  until(() => (processStart(pid) === undefined ? true : undefined), `process ${pid} to end`);

/** Waits until the database's owner has released it and nothing runs any more. */
export async function released(dataDir: string): Promise<void> {
  await until(() => presentOwner(dataDir).record?.state === 'released' || undefined, 'the release');
}

export const running = (ref: ProcessRef | number): boolean =>
  typeof ref === 'number' ? processStart(ref) !== undefined : isRunning(ref);

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child ? [child] : []));
}

/** Runs one statement on a connection of its own. */
export async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}
