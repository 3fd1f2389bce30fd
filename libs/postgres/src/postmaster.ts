import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from './process-ref';

/** A server process that runs on a cluster, as its `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/**
 * The server that runs on this cluster. A file left by one that was killed names a process that has ended, or, by
 * now, some other process: neither counts.
 */
export function readPostmaster(cluster: string): Postmaster | undefined {
  const lines = pidFileLines(cluster);
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isInteger(pid) || !serves(cluster, pid)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a `postmaster.pid` whose number by now belongs to a process that does not serve this cluster. PostgreSQL
 * itself replaces one whose process has ended, but takes any living process of its account for its server.
 */
export function removeMisleadingPidFile(cluster: string): void {
  const pid = Number(pidFileLines(cluster)?.[0]);
  if (!Number.isInteger(pid) || processStart(pid) === undefined) return;
  // Never in doubt: without the file two servers could run on one cluster.
  if (serves(cluster, pid) === false) rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

function pidFileLines(cluster: string): string[] | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Whether the process is the cluster's server; nothing when that cannot be told.
function serves(cluster: string, pid: number): boolean | undefined {
  if (processStart(pid) === undefined) return false;
  if (process.platform === 'win32') return true;
  try {
    // A server's current folder is its cluster, whatever the cluster is called by now.
    const [there, here] = [statSync(`/proc/${pid}/cwd`), statSync(cluster)];
    return there.dev === here.dev && there.ino === here.ino;
  } catch {
    // No /proc, or a container whose root may not look into processes of other accounts.
    const line = commandLine(pid);
    if (line.includes(cluster)) return true;
    return line === '' || /postgres/i.test(line) ? undefined : false;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}
