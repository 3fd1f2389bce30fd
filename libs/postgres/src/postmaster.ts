import { readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
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
  if (!lines || !Number.isInteger(pid) || !runsOn(cluster, pid)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a `postmaster.pid` whose number now belongs to a process that is no server of this cluster. PostgreSQL
 * itself replaces one whose process has ended, but takes any living process of its account for a server.
 */
export function removeMisleadingPidFile(cluster: string): void {
  const pid = Number(pidFileLines(cluster)?.[0]);
  if (Number.isInteger(pid) && processStart(pid) !== undefined && !runsOn(cluster, pid)) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
  }
}

function pidFileLines(cluster: string): string[] | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// A server's current folder is its cluster, whatever the cluster is called by now.
function runsOn(cluster: string, pid: number): boolean {
  if (processStart(pid) === undefined) return false;
  if (process.platform === 'win32') return true;
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.includes(cluster);
  }
  try {
    readlinkSync(`/proc/${pid}/cwd`);
    const [there, here] = [statSync(`/proc/${pid}/cwd`), statSync(cluster)];
    return there.dev === here.dev && there.ino === here.ino;
  } catch {
    return false;
  }
}
