import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateFile, openPrivateFile } from './private-files';

// Whether facts of a recorder are in its memory only must be known when its process is gone. A file of a fixed size says so,
// made with the folder, so that writing it needs no room on a full disk:
//
//   <mark> <noted> <made> <answered>      numbers of 16 digits, each with one byte behind it
//
// `mark` belongs to the recorder's thread, the others to the one that ships. The former counts `mark` on before a fact goes into
// memory that the latter has not taken note of; a note says which mark it knows, how many facts were made by then (0: none of them
// is in memory only), and up to which they are answered. A mark that no note knows means facts after that.

const NAME = 'memory';
const DIGITS = 16;
const SLOT = DIGITS + 1;
const EMPTY = [0, 0, 0, 0];

const textOf = (numbers: readonly number[]): string =>
  numbers.map((number) => `${String(number).padStart(DIGITS, '0')}\n`).join('');

/** What a note says: see above. */
export interface MemoryNote {
  readonly noted: number;
  readonly made: number;
  readonly answered: number;
}

/** Makes the file, for a recorder all of whose facts are on disk. @throws Error when it cannot be made */
export function createMemoryMark(folder: string): void {
  const fd = createPrivateFile(join(folder, NAME));
  try {
    writeSync(fd, textOf(EMPTY));
  } finally {
    closeSync(fd);
  }
}

/** Writes the file, opened once. Nothing here throws: on a disk that takes not even this nobody can be told. */
export class MemoryMark {
  #fd: number | undefined;

  constructor(private readonly folder: string) {}

  mark(mark: number): void {
    this.#write(textOf([mark]), 0);
  }

  note({ noted, made, answered }: MemoryNote): void {
    this.#write(textOf([noted, made, answered]), SLOT);
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    attempt(() => closeSync(fd));
  }

  #write(text: string, position: number): void {
    attempt(() => {
      this.#fd ??= openSync(join(this.folder, NAME), constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
      writeSync(this.#fd, text, position);
    });
  }
}

/** What was in memory only when a process ended. */
export interface LeftInMemory {
  /** how many facts were made when that was last noted; 0 where none of them was in memory only */
  readonly made: number;
  /** up to where they were answered by then */
  readonly answered: number;
  /** whether more were made after that, one at least */
  readonly more: boolean;
}

/** @returns nothing where there is no such file, as of recorders that did not make one */
export function readLeftInMemory(folder: string): LeftInMemory {
  const [mark = 0, noted = 0, made = 0, answered = 0] = readNumbers(folder);
  return { made, answered, more: mark !== noted };
}

function readNumbers(folder: string): number[] {
  try {
    const fd = openPrivateFile(join(folder, NAME));
    try {
      const numbers = readFileSync(fd, 'latin1').trimEnd().split('\n').map(Number);
      return numbers.length === EMPTY.length && numbers.every(Number.isSafeInteger) ? numbers : EMPTY;
    } finally {
      closeSync(fd);
    }
  } catch {
    return EMPTY;
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    return;
  }
}
