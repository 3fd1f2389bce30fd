import { lstatSync, readFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type Owner } from './owner';
import { openPrivateFile } from './private-files';

// A folder named after the recorder and its process (owner.ts) holds
//   recorder.json      who recorded; touched while its owner lives
//   00000001.ndjson …  the journal
//   checkpoint         what of it is answered

/** What is known of a recorder without its process. */
export interface RecorderInfo {
  readonly recorderId: string;
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  /** RFC 3339 */
  readonly startedAt: string;
}

export const RECORDER_FILE = 'recorder.json';
/** A folder of a process nobody here can ask about belongs to nobody when it was not touched for so long. */
const STALE_MS = 60_000;

/** What a folder holds of its recorder, as far as this user can read it. */
export function readRecorderInfo(folder: string): Partial<RecorderInfo> {
  try {
    const fd = openPrivateFile(join(folder, RECORDER_FILE));
    try {
      return JSON.parse(readFileSync(fd, 'utf8')) as Partial<RecorderInfo>;
    } finally {
      closeSync(fd);
    }
  } catch {
    return {};
  }
}

/**
 * Whether anybody ships what a folder holds. `runs` and `ended` are known; of a process of another machine or container
 * only its hand on the folder is: `touched` within the last minute, or `untouched`.
 */
export type OwnerState = 'runs' | 'ended' | 'touched' | 'untouched';

export function ownerStateOf(folder: string, owner: Owner): OwnerState {
  const running = isRunning(owner);
  if (running !== undefined) return running ? 'runs' : 'ended';
  return Date.now() - touchedAt(folder) < STALE_MS ? 'touched' : 'untouched';
}

/**
 * When the owner of a folder was last seen alive, milliseconds since 1970. The folder's own time where the file is
 * missing: a process may have ended between making the two.
 */
export function touchedAt(folder: string): number {
  for (const each of [join(folder, RECORDER_FILE), folder]) {
    try {
      return lstatSync(each).mtimeMs;
    } catch {
      continue;
    }
  }
  return Date.now();
}
