import { rm } from 'node:fs/promises';
import { serverAccount } from './account';
import { findBinaryPackage, usableBinaries } from './binaries';
import { ensureCluster, readPassword, SUPERUSER } from './cluster';
import { prepareLayout, type Layout } from './layout';
import { isFree, Ownership, presentOwner } from './ownership';
import { readPostmaster, type Postmaster } from './postmaster';
import { refOf } from './process-ref';
import { startServer, stopServer, waitUntilReady, type ServerContext } from './server';
import { deadlineIn, pause, type Deadline } from './wait';
import { startWatchdog } from './watchdog';

/** How to run the embedded server. */
export interface EmbeddedPostgresOptions {
  /** Folder of the database and of what belongs to it; made when missing, kept afterwards. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1; 0 (the default) takes a free one. A server that runs already keeps its own. */
  readonly port?: number;
  /** False for a database to throw away: written without waiting for the disk. Default true. */
  readonly durable?: boolean;
  /** PostgreSQL's `max_connections`; default 100. */
  readonly maxConnections?: number;
  /** Further settings of PostgreSQL by name, e.g. `{ work_mem: '64MB' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Remove `dataDir` once the server has stopped, also when this process is killed. Default false. */
  readonly removeOnStop?: boolean;
  /** Bound of the whole start, recovery after a crash included; default 120,000. */
  readonly startTimeoutMs?: number;
}

/**
 * started: by this call; adopted: it was left behind by a process that is dead, and is now this one's;
 * shared: a living process owns it, or the other call in this process that started it.
 */
export type ServerOrigin = 'started' | 'adopted' | 'shared';

/** A server that takes connections. */
export interface EmbeddedPostgres {
  readonly origin: ServerOrigin;
  readonly port: number;
  readonly serverPid: number;
  /** The data directory, free of symbolic links. */
  readonly dataDir: string;
  /** The server's own log. */
  readonly logFile: string;
  /** Connection string with user and password; `database` is `postgres` unless given. */
  url(database?: string): string;
  /** Stops the server and waits for its end; does nothing to a shared one. May be called any number of times. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a data directory, or takes the one that runs there. Of any number of processes that do so
 * at once one starts it and owns it; when that one ends, by SIGKILL too, the server is stopped.
 *
 * Fails, saying what to do, when there are no binaries for the platform, the directory is of another major version
 * or out of reach of the account the server runs as, or the server is not ready in time.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const deadline = deadlineIn(options.startTimeoutMs ?? 120_000);
  const layout = prepareLayout(options.dataDir);
  for (;;) {
    const owner = presentOwner(layout.folder);
    if (isFree(owner, layout.folder)) {
      const ownership = Ownership.claim(layout.folder, owner);
      if (ownership) return startAsOwner(options, layout, ownership, deadline);
    } else if (owner.record?.state === 'running') {
      const server = readPostmaster(layout.cluster);
      if (server?.ready) return describe(layout, server, 'shared', () => Promise.resolve());
    }
    if (performance.now() >= deadline) {
      throw new Error(
        `Process ${owner.record?.pid} owns the database in ${layout.folder} (${owner.record?.state}), ` +
          `but its server is not ready; see its log ${layout.logFile}`,
      );
    }
    await pause(20);
  }
}

async function startAsOwner(
  options: EmbeddedPostgresOptions,
  layout: Layout,
  ownership: Ownership,
  deadline: Deadline,
): Promise<EmbeddedPostgres> {
  const undo: (() => unknown)[] = [() => ownership.mark('released')];
  try {
    const account = serverAccount(layout.cluster);
    const context: ServerContext = {
      binaries: await usableBinaries(findBinaryPackage(), account),
      account,
      layout,
    };
    await ensureCluster(layout, context.binaries, account, {
      durable: options.durable ?? true,
      timeoutMs: Math.max(1000, Math.ceil(deadline - performance.now())),
    });
    // Before the server, so that none is ever left without.
    const watchdog = startWatchdog(context, ownership, options.removeOnStop ?? false);
    undo.push(() => watchdog.dismiss());
    const orphan = await waitUntilReady(layout, deadline);
    undo.push(() => stopServer(context));
    const server = orphan ?? (await startServer(context, serverSettings(options), deadline));
    const ref = refOf(server.pid);
    ownership.mark('running');
    const end = async (): Promise<void> => {
      ownership.mark('stopping');
      await stopServer(context, ref);
      ownership.mark('released');
      watchdog.dismiss();
      if (options.removeOnStop) await rm(layout.folder, { recursive: true, force: true });
    };
    return await describe(layout, server, orphan ? 'adopted' : 'started', end);
  } catch (error) {
    // The first error is the one to tell.
    for (const step of undo.reverse())
      await Promise.resolve()
        .then(step)
        .catch(() => undefined);
    throw error;
  }
}

async function describe(
  layout: Layout,
  server: Postmaster,
  origin: ServerOrigin,
  end: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const authority = `${SUPERUSER}:${await readPassword(layout)}@127.0.0.1:${server.port}`;
  let stopped: Promise<void> | undefined;
  return {
    origin,
    port: server.port,
    serverPid: server.pid,
    dataDir: layout.folder,
    logFile: layout.logFile,
    url: (database = 'postgres') => `postgres://${authority}/${encodeURIComponent(database)}`,
    stop: () => (stopped ??= end()),
  };
}

function serverSettings(options: EmbeddedPostgresOptions): {
  port: number;
  settings: Record<string, string>;
} {
  const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  return {
    port: options.port ?? 0,
    settings: {
      timezone: 'UTC',
      log_timezone: 'UTC',
      max_connections: String(options.maxConnections ?? 100),
      ...(options.durable === false ? fast : {}),
      ...options.settings,
    },
  };
}
