import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Account } from './account';
import type { Binaries } from './binaries';
import { runCommand, serverSpawnOptions } from './command';
import type { Layout } from './layout';
import { readPostmaster, removeMisleadingPidFile, type Postmaster } from './postmaster';
import { isRunning, refOf, type ProcessRef } from './process-ref';
import { deadlineIn, pause, poll, type Deadline } from './wait';

/** What the server is started with. */
export interface ServerSettings {
  /** 0: a free one. */
  readonly port: number;
  /** PostgreSQL's own settings by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The programs, the account and the places a server needs. */
export interface ServerContext {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly layout: Layout;
}

// More than pg_ctl is told to wait at most.
const STOP_COMMAND_MS = 40_000;

/** Starts the server and waits until it takes connections; a free port that is lost to somebody else is replaced. */
export async function startServer(
  context: ServerContext,
  wanted: ServerSettings,
  deadline: Deadline,
): Promise<Postmaster> {
  const { layout } = context;
  removeMisleadingPidFile(layout.cluster);
  for (;;) {
    const outcome = await tryStart(context, wanted, deadline);
    if (typeof outcome !== 'string') return outcome;
    const portTaken = /could not bind|Address already in use/i.test(outcome);
    // Sessions of a server that was killed end on their own, a little later.
    const sessionsLeft = /pre-existing shared memory block/.test(outcome);
    const retry = (portTaken && wanted.port === 0) || sessionsLeft;
    if (!retry || performance.now() >= deadline) {
      const why = portTaken ? `port ${wanted.port} is taken` : 'it ended at once';
      throw new Error(`PostgreSQL did not start: ${why}. Its log, ${layout.logFile}, ends with:\n${outcome}`);
    }
    await pause(100);
  }
}

/** Waits until a server that runs already takes connections; nothing when it ended instead. */
export async function waitUntilReady(layout: Layout, deadline: Deadline): Promise<Postmaster | undefined> {
  const answer = await poll(deadline, () => {
    const server = readPostmaster(layout.cluster);
    if (!server) return 'gone' as const;
    return server.ready ? server : undefined;
  });
  if (answer === undefined) {
    throw new Error(
      `A PostgreSQL runs on ${layout.folder} but is not ready in time; see its log ${layout.logFile}`,
    );
  }
  return answer === 'gone' ? undefined : answer;
}

/**
 * Stops the server and waits for its end: sessions are ended, then, if it must be, cut off. `started` is the one
 * this process knows of, which is ended also when somebody has removed the data directory under it.
 */
export async function stopServer(
  { binaries, account, layout }: ServerContext,
  started?: ProcessRef,
): Promise<void> {
  const server = readPostmaster(layout.cluster);
  const ref = server ? refOf(server.pid) : started;
  if (!ref || !isRunning(ref)) return;
  const hasEnded = (): true | undefined => (isRunning(ref) ? undefined : true);
  for (const args of server ? stopCommands(layout.cluster) : []) {
    await runCommand(binaries.pgCtl, args, account, STOP_COMMAND_MS);
    if (await poll(deadlineIn(1000), hasEnded)) return;
  }
  process.kill(ref.pid, 'SIGQUIT');
  if (await poll(deadlineIn(10_000), hasEnded)) return;
  throw new Error(`PostgreSQL (process ${ref.pid}) does not stop; see its log ${layout.logFile}`);
}

/** What pg_ctl is told to stop the server of a cluster, the second when the first was of no use. */
export function stopCommands(cluster: string): string[][] {
  return [
    ['stop', '-D', cluster, '-m', 'fast', '-w', '-s', '-t', '30'],
    ['stop', '-D', cluster, '-m', 'immediate', '-w', '-s', '-t', '15'],
  ];
}

// A server, or the end of its log when it ended instead.
async function tryStart(
  { binaries, account, layout }: ServerContext,
  { port: wantedPort, settings }: ServerSettings,
  deadline: Deadline,
): Promise<Postmaster | string> {
  const port = wantedPort || (await freePort());
  if (existsSync(layout.logFile)) await rename(layout.logFile, `${layout.logFile}.1`);
  const log = await open(layout.logFile, 'a', 0o600);
  const all = { ...settings, listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port) };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', layout.cluster, ...args], {
    ...serverSpawnOptions(account),
    // A session of its own: Ctrl-C in the terminal is for the parent, which stops the server when it is done.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let over = false;
  void ended.then(() => (over = true));
  await log.close();
  const answer = await poll(deadline, () => {
    if (over) return 'over' as const;
    const server = readPostmaster(layout.cluster);
    return server?.ready && server.pid === child.pid ? server : undefined;
  });
  if (answer === 'over')
    return (await readFile(layout.logFile, 'utf8')).trim().split('\n').slice(-15).join('\n');
  if (answer) return answer;
  child.kill('SIGQUIT');
  throw new Error(`PostgreSQL is not ready in time; see its log ${layout.logFile}`);
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
