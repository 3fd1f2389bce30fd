import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, thisProcess, type ProcessRef } from './process-ref';

/*
 * Who may start, stop and initialise the server of a data directory.
 *
 * Owners are numbered: `owner-<n>.json` names the n-th, and the highest number counts. An owner that runs is
 * left alone. Once it has released the directory or is dead, which is final because a process is named by number
 * *and* start, anybody may become number n + 1 by creating that file, and the file system lets one win. So there
 * is no lock to be stolen or left behind. The highest file is never removed, or numbers would be given twice.
 */

/** starting: initialising or starting; running: others may use the server; released: by a clean end. */
export type OwnerState = 'starting' | 'running' | 'stopping' | 'released';

export interface OwnerRecord extends ProcessRef {
  readonly state: OwnerState;
  /** The data directory this was written for: a copy of it does not have the original's owner. */
  readonly folder: string;
}

export interface Owner {
  readonly number: number;
  /** Nothing when the file cannot be understood, which only a power failure brings about. */
  readonly record: OwnerRecord | undefined;
}

const FILE = /^owner-(\d+)\.json$/;

export const ownerFile = (folder: string, number: number): string => join(folder, `owner-${number}.json`);

export const ownerRecord = (folder: string, state: OwnerState, owner: ProcessRef): OwnerRecord => ({
  pid: owner.pid,
  started: owner.started,
  state,
  folder,
});

/** The present owner, dead or alive; number 0 without a record when there never was one. */
export function presentOwner(folder: string): Owner {
  const number = Math.max(0, ...ownerNumbers(folder));
  if (number === 0) return { number, record: undefined };
  try {
    return {
      number,
      record: JSON.parse(readFileSync(ownerFile(folder, number), 'utf8')) as OwnerRecord,
    };
  } catch (error) {
    // Gone since it was listed: a higher one is there, since only lower ones are removed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return presentOwner(folder);
    if (error instanceof SyntaxError) return { number, record: undefined };
    throw error;
  }
}

/** Whether anybody may become the next owner. */
export function isFree({ record }: Owner, folder: string): boolean {
  if (!record || record.state === 'released' || record.folder !== folder) return true;
  return !isRunning(record);
}

/** The right to the data directory, until it is released. */
export class Ownership {
  private constructor(
    readonly folder: string,
    readonly number: number,
  ) {}

  /** Becomes the owner after `previous`; nothing when somebody else was faster. */
  static claim(folder: string, previous: Owner): Ownership | undefined {
    const number = previous.number + 1;
    const draft = writeDraft(folder, 'starting');
    try {
      linkSync(draft, ownerFile(folder, number));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    // The number may have been in use and tidied away while we looked at an older one.
    const numbers = ownerNumbers(folder);
    if (Math.max(...numbers) > number) {
      rmSync(ownerFile(folder, number), { force: true });
      return undefined;
    }
    for (const old of numbers) if (old < number) rmSync(ownerFile(folder, old), { force: true });
    return new Ownership(folder, number);
  }

  /** Tells everybody else how far the owner is; nobody is left to tell when the data directory has been removed. */
  mark(state: OwnerState): void {
    if (!existsSync(this.folder)) return;
    const draft = writeDraft(this.folder, state);
    renameSync(draft, ownerFile(this.folder, this.number));
  }
}

function writeDraft(folder: string, state: OwnerState): string {
  const draft = join(folder, `.owner-${process.pid}-${process.hrtime.bigint()}`);
  writeFileSync(draft, JSON.stringify(ownerRecord(folder, state, thisProcess())));
  return draft;
}

function ownerNumbers(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = FILE.exec(name);
    return match ? [Number(match[1])] : [];
  });
}
