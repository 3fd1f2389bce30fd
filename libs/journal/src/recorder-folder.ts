import { lstatSync, readFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type Owner } from './owner';
import { openPrivateFile, replacePrivateFile } from './private-files';

// A folder named after the recorder and its process (owner.ts) holds
//   recorder.json      who recorded; touched while its owner lives
//   last.json          how far it came and what it gave up, where there is something to tell
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
export const readRecorderInfo = (folder: string): Partial<RecorderInfo> =>
  (readJson(join(folder, RECORDER_FILE)) ?? {}) as Partial<RecorderInfo>;

/** What a recorder last wrote down of itself: whoever ships its spool can tell what is not in there. */
export interface RecorderLast {
  readonly highestSequence: number;
  /** inclusive ranges of sequences it gave up */
  readonly lost: readonly (readonly [from: number, to: number])[];
  /** whether it ended properly */
  readonly closed: boolean;
}

const LAST_FILE = 'last.json';

/** @throws Error when it cannot be written */
export const writeRecorderLast = (folder: string, last: RecorderLast): void =>
  replacePrivateFile(join(folder, LAST_FILE), `${JSON.stringify(last)}\n`);

/** @returns what can be read; nothing lost where nothing was written */
export function readRecorderLast(folder: string): RecorderLast {
  const { highestSequence, lost, closed } = (readJson(join(folder, LAST_FILE)) ?? {}) as Record<
    string,
    unknown
  >;
  const ranges = Array.isArray(lost) ? (lost as unknown[]).filter(isRange) : [];
  return {
    highestSequence: isSequence(highestSequence) ? highestSequence : 0,
    lost: ranges,
    closed: closed === true,
  };
}

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isRange = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isSequence) && value[0] <= value[1];

function readJson(path: string): object | undefined {
  try {
    const fd = openPrivateFile(path);
    try {
      return (JSON.parse(readFileSync(fd, 'utf8')) ?? undefined) as object | undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/**
 * Whether anybody ships what a folder holds. `runs` and `ended` are known; of a process of another machine or container
 * only its hand on the folder is: `touched` within the last minute, or `untouched`.
 */
export type OwnerState = 'runs' | 'ended' | 'touched' | 'untouched';

/** Asks the system for the process, and the folder where that can tell nothing. */
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
