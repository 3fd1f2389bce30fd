import {
  createMemoryMark,
  createPrivateFile,
  folderNameOf,
  makePrivateFolder,
  NOBODY,
  ownerStateOf,
  readFolderName,
  readRecorderInfo,
  RECORDER_FILE,
  touchedAt,
  type Owner,
  type RecorderInfo,
} from '@factflow/journal';
import { timeNow } from '@factflow/domain';
import { hash } from 'node:crypto';
import { closeSync, lstatSync, readdirSync, renameSync, rmSync, utimesSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ShippingSettings } from './shipping-settings';

// <spoolDirectory>/<service>-<hash of service and endpoint>/<recorder id>.<owner>/: what is in it, journal/recorder-folder.ts says.

/** How often an owner touches its folders. */
export const TOUCH_EVERY_MS = 5_000;

/** Where spools are kept unless the options say so. */
export const defaultSpoolDirectory = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env['XDG_STATE_HOME'] || join(home(), '.local', 'state'), 'factflow', 'spool');

/** A user without an entry of its own, as containers have them, has no home: what cannot be made there is warned of. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** The folder that recorders of one service and endpoint share. */
export function serviceFolder(directory: string, service: string, target: string): string {
  const readable = service.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 60);
  return join(directory, `${readable}-${hash('sha256', `${service}\n${target}`).slice(0, 12)}`);
}

/** Makes the folder of a recorder. @throws Error when that cannot be, or would not be private */
export function makeSpoolFolder(shared: string, path: string, info: RecorderInfo): void {
  makePrivateFolder(shared);
  makePrivateFolder(path);
  createMemoryMark(path);
  const fd = createPrivateFile(join(path, RECORDER_FILE));
  try {
    writeSync(fd, `${JSON.stringify(info)}\n`);
  } finally {
    closeSync(fd);
  }
}

/** A spool folder whose process is gone, taken over by this one. */
export interface AdoptedFolder {
  readonly path: string;
  readonly recorderId: string;
  /** as far as it can be read */
  readonly info: Partial<RecorderInfo>;
  /** when its owner was last seen alive, milliseconds since 1970 */
  readonly seenAt: number;
}

/** Takes over one folder of a dead process, if there is any that nobody else takes. */
export function adoptFolder(shared: string, owner: Owner): AdoptedFolder | undefined {
  for (const name of namesIn(shared)) {
    const found = readFolderName(name);
    const path = join(shared, name);
    if (!found || !isAbandoned(path, found.owner)) continue;
    const seenAt = touchedAt(path);
    const adopted = join(shared, folderNameOf(found.recorderId, owner));
    try {
      // Of several processes that try this one succeeds: the others find nothing under the old name.
      renameSync(path, adopted);
    } catch {
      continue;
    }
    touchFolder(adopted);
    return { path: adopted, recorderId: found.recorderId, info: readRecorderInfo(adopted), seenAt };
  }
  return undefined;
}

/** Leaves a folder to whoever comes next. @returns its new path, the old one when it cannot be renamed */
export function releaseFolder(path: string, recorderId: string): string {
  const released = releasedPath(path, recorderId);
  try {
    renameSync(path, released);
    return released;
  } catch {
    return path;
  }
}

/** Where a recorder that has closed left its spool, if it left anything. */
export function leftFolder({ spool, info }: Pick<ShippingSettings, 'spool' | 'info'>): string | undefined {
  if (!spool) return undefined;
  return [releasedPath(spool.folder, info.recorderId), spool.folder].find(isFolder);
}

const releasedPath = (path: string, recorderId: string): string =>
  join(path, '..', folderNameOf(recorderId, NOBODY));

/** Removes a folder with all that is in it, as far as that is possible. */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // What stays is adopted one day, and found to be answered.
  }
}

/** Shows others that the owner lives. @returns false when the folder is gone */
export function touchFolder(path: string): boolean {
  const now = timeNow() / 1000;
  try {
    utimesSync(join(path, RECORDER_FILE), now, now);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function isAbandoned(path: string, owner: Owner): boolean {
  if (!isFolder(path)) return false;
  const state = ownerStateOf(path, owner);
  return state === 'ended' || state === 'untouched';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
