import { hash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

// Who a spool folder belongs to stands in its name, `<recorder id>.<pid>.<start>.<machine>`, so that taking it over is
// one rename, which one process succeeds in. The start of the process tells it from a later one with the same number.

/** A process, told from every other one, earlier ones with its number included. */
export interface Owner {
  readonly pid: number;
  /** when it started, as the system counts; 0 where it does not say */
  readonly start: number;
  /** names the running system and its numbering of processes: another one's numbers mean nothing here */
  readonly machine: string;
}

const NAME = /^(.{1,64})\.(\d{1,10})\.(\d{1,20})\.([0-9a-f]{12})$/;
/** Where the start stands in /proc/<pid>/stat, counted from behind the name of the program. */
const START_FIELD = 19;

/** The name of a folder says whose it is: `<recorder>.<pid>.<start>.<machine>`. */
export const folderNameOf = (recorderId: string, { pid, start, machine }: Owner): string =>
  `${recorderId}.${pid}.${start}.${machine}`;

/** @returns undefined for a name that is none of ours */
export function readFolderName(name: string): { recorderId: string; owner: Owner } | undefined {
  const [, recorderId, pid, start, machine] = NAME.exec(name) ?? [];
  if (recorderId === undefined || machine === undefined) return undefined;
  return { recorderId, owner: { pid: Number(pid), start: Number(start), machine } };
}

/** Nobody: whoever comes next may have it. */
export const NOBODY: Owner = { pid: 0, start: 0, machine: '0'.repeat(12) };

/** This process. */
export const thisProcess = (): Owner => ({
  pid: process.pid,
  start: startOf(process.pid) ?? 0,
  machine: (machine ??= machineName()),
});

/**
 * Whether a process runs. @returns undefined when that cannot be told from here: it belongs to another machine or
 * container, or the system does not say when processes started
 */
export function isRunning(owner: Owner): boolean | undefined {
  if (owner.pid === 0) return false;
  const here = thisProcess();
  if (owner.machine !== here.machine) return undefined;
  if (owner.pid === here.pid && owner.start === here.start) return true;
  const start = startOf(owner.pid);
  if (start === undefined && here.start !== 0) return false;
  return here.start === 0 ? undefined : start === owner.start;
}

let machine: string | undefined;

/** Another one after every boot, and in every container that numbers its processes itself. */
function machineName(): string {
  const parts = [
    hostname(),
    attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    attempt(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return hash('sha256', parts.join('\n')).slice(0, 12);
}

function startOf(pid: number): number | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The name of the program may hold anything, spaces and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A process that is dead and not yet waited for.
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const start = Number(fields[START_FIELD]);
  return stat !== '' && Number.isSafeInteger(start) ? start : undefined;
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
