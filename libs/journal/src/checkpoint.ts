import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrivateFile, replacePrivateFile } from './private-files';

/** A place in a journal: all before it is dealt with. */
export interface JournalPosition {
  /** number of the segment, from 1 */
  readonly segment: number;
  readonly offset: number;
}

const JOURNAL_START: JournalPosition = { segment: 0, offset: 0 };

const NAME = 'checkpoint';

/** Keeps a position beside the journal: the old one or the new one is there at any moment. @throws Error */
export const writeCheckpoint = (folder: string, { segment, offset }: JournalPosition): void =>
  replacePrivateFile(join(folder, NAME), `${JSON.stringify({ segment, offset })}\n`);

/** The position kept last; the beginning where there is none that can be read: what comes twice is known. */
export function readCheckpoint(folder: string): JournalPosition {
  try {
    const fd = openPrivateFile(join(folder, NAME));
    try {
      const { segment, offset } = JSON.parse(readFileSync(fd, 'utf8')) as Record<string, unknown>;
      return isPlace(segment) && isPlace(offset) ? { segment, offset } : JOURNAL_START;
    } finally {
      closeSync(fd);
    }
  } catch {
    return JOURNAL_START;
  }
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
