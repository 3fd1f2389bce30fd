import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EmbeddedPostgresOptions, ServerOrigin } from '../embedded-postgres';
import { childrenOf, until } from './scene';

const WORKSPACE = resolve(__dirname, '../../../..');

/** How a process of its own starts the server. */
export interface OwnerOptions extends EmbeddedPostgresOptions {
  /** The library as `bundleLibrary` made it. */
  readonly library: string;
  /** Account of the process, that of the specs unless given. */
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** Its home folder, that of the specs unless given. */
  readonly home?: string;
  /** A program and its arguments to start it with. */
  readonly wrapper?: readonly string[];
}

/** What the process tells about the server it got. */
export interface OwnerReport {
  readonly origin: ServerOrigin;
  readonly port: number;
  readonly serverPid: number;
  readonly url: string;
  readonly dataDir: string;
}

// Says what it got, or why not, and lets go of it when a line arrives.
const PROGRAM = `
const [library, options] = process.argv.slice(1);
const { startEmbeddedPostgres } = await import(library);
process.on('SIGINT', () => console.log(JSON.stringify({ interrupted: true })));
try {
  const server = await startEmbeddedPostgres(JSON.parse(options));
  const { origin, port, serverPid, dataDir } = server;
  console.log(JSON.stringify({ origin, port, serverPid, dataDir, url: server.url() }));
  process.stdin.once('data', async () => {
    await server.stop();
    process.stdin.destroy();
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
  process.stdin.destroy();
}`;

/** A process that has started, adopted or shares the server of a data directory. */
export class OwnerProcess {
  readonly pid: number;
  /** Its watchdogs, once `report` has settled. */
  watchdogs: number[] = [];
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly exited: Promise<unknown>;
  private output = '';
  private errors = '';

  constructor({ library, ids, home, wrapper = [], ...options }: OwnerOptions) {
    const own = ['--input-type=module', '-e', PROGRAM, pathToFileURL(library).href, JSON.stringify(options)];
    const [program = process.execPath, ...args] = [...wrapper, process.execPath, ...own];
    const env = home === undefined ? process.env : { ...process.env, HOME: home };
    // A group of its own, as a terminal gives to what is started in it.
    this.child = spawn(program, args, { ...ids, env, cwd: '/', detached: true });
    this.pid = this.child.pid ?? 0;
    this.child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.child.stdin.on('error', () => undefined);
    this.exited = once(this.child, 'exit');
  }

  /** What it got; fails with what it said when it got none. */
  async report(): Promise<OwnerReport> {
    const line = await until(() => {
      if (this.child.exitCode !== null) throw new Error(`the process ended: ${this.errors}`);
      return this.output.includes('\n') ? this.output.split('\n')[0] : undefined;
    }, `the server of process ${this.pid}; ${this.errors}`);
    const report = JSON.parse(line ?? '') as OwnerReport;
    this.watchdogs = childrenOf(this.pid).filter((pid) => pid !== report.serverPid);
    return report;
  }

  /** Ctrl-C in its terminal: everything in its process group gets it. */
  async interrupt(): Promise<void> {
    process.kill(-this.pid, 'SIGINT');
    await until(() => this.output.includes('interrupted') || undefined, 'the process to be interrupted');
  }

  /** Ends it by SIGKILL, with its watchdogs if they are to go too. */
  async kill({ andWatchdogs = false } = {}): Promise<void> {
    // The watchdogs first: they act as soon as their process is gone.
    if (andWatchdogs) for (const pid of this.watchdogs) process.kill(pid, 'SIGKILL');
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Lets it stop the server and end; gives its exit code. */
  async stop(): Promise<number | null> {
    this.child.stdin.write('stop\n');
    await this.exited;
    return this.child.exitCode;
  }
}

/** Bundles the library as the tools do, into one ES module in the workspace. */
export function bundleLibrary(name: string, folder = join(WORKSPACE, 'tmp', 'postgres-specs')): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(WORKSPACE, 'node_modules/rolldown/bin/cli.mjs'),
      join(WORKSPACE, 'libs/postgres/src/index.ts'),
      ...['--platform', 'node', '--format', 'esm', '--file', file],
    ],
    { cwd: WORKSPACE, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`rolldown failed: ${stderr}`);
  return file;
}
