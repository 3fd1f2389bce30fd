import { MemoryMark } from '@factflow/journal';
import type { Control } from './control';

// What is in the ring a SIGKILL takes, and nobody would know of it: so the recorder's folder says that there is something
// before it goes in (journal/memory-mark.ts). Of the two threads, whichever comes second sees the other: the recorder's says that it is
// adding, then looks what was noted; the one that ships says what it notes, then looks whether something is being added.

/** The recorder's side. */
export class MemoryMarker {
  readonly #file: MemoryMark;

  constructor(
    folder: string,
    private readonly control: Control,
  ) {
    this.#file = new MemoryMark(folder);
  }

  /** A fact is about to go into memory. It costs a write where one was noted since the last, and nothing otherwise. */
  adding(): void {
    const { control } = this;
    control.setWord('adding', 1);
    const noted = control.word('noted');
    if (control.word('mark') > noted) return;
    this.#file.mark(noted + 1);
    control.setWord('mark', noted + 1);
  }

  /** It is in there, or counted as lost. */
  added(): void {
    this.control.setWord('adding', 0);
  }

  close(): void {
    this.#file.close();
  }
}

/** The side that ships. */
export class MemoryNotes {
  readonly #file: MemoryMark;

  constructor(
    folder: string,
    private readonly control: Control,
  ) {
    this.#file = new MemoryMark(folder);
  }

  /** Facts are about to be shipped from memory: how many were made by now, and up to where they are answered. */
  shipping(): void {
    const noted = this.#begin();
    const { control } = this;
    if (noted > 0)
      this.#file.note({ noted, made: control.get('sequence'), answered: control.get('answered') });
  }

  /** Nothing is in memory only, as far as is known here, and what was lost is written down. */
  empty(isEmpty: () => boolean): void {
    const noted = this.#begin();
    if (noted === 0 || !isEmpty()) return;
    this.#file.note({ noted, made: 0, answered: this.control.get('answered') });
    this.control.setWord('safe', noted);
  }

  close(): void {
    this.#file.close();
  }

  /** @returns the mark that is noted; 0 when there is none, or a fact is being added */
  #begin(): number {
    const mark = this.control.word('mark');
    if (mark === 0) return 0;
    this.control.setWord('noted', mark);
    return this.control.word('adding') === 0 ? mark : 0;
  }
}
