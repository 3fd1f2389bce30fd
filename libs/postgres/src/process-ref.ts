import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process by number and start: a number alone comes back for another process, the pair never does. */
export interface ProcessRef {
  readonly pid: number;
  readonly started: string;
}

// The start of a process that exists but may not be looked at (another account, no /proc, Windows).
const UNKNOWN = 'unknown';

/** When the process started, in a form only good for comparing; nothing when it has ended (zombies have). */
export function processStart(pid: number): string | undefined {
  if (!exists(pid)) return undefined;
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform === 'win32') return UNKNOWN;
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...start] = (stdout ?? '').trim().split(/\s+/);
  if (!state) return UNKNOWN;
  return state.startsWith('Z') ? undefined : start.join(' ');
}

/** This process. */
export function thisProcess(): ProcessRef {
  return refOf(process.pid);
}

/** The process that has this number now. */
export function refOf(pid: number): ProcessRef {
  return { pid, started: processStart(pid) ?? UNKNOWN };
}

/** Whether that very process still runs; in doubt it does. */
export function isRunning(ref: ProcessRef): boolean {
  const started = processStart(ref.pid);
  if (started === undefined) return false;
  return started === ref.started || started === UNKNOWN || ref.started === UNKNOWN;
}

function exists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself hold blanks and parentheses; state and start follow the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return exists(pid) ? UNKNOWN : undefined;
  }
}
