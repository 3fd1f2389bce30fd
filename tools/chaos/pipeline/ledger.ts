import { readFileSync, writeSync } from 'node:fs';

// What a pipeline tells of itself, one write a line, so that SIGKILL takes nothing back:
//   {"recorderId":…,"executionId":…}   who records, once; absent without lineage
//   17                                 the call that recorded event 17 has returned
//   m 1234.5                           a message was done, so many milliseconds after the start

/** Who recorded. */
export interface Author {
  readonly recorderId: string;
  readonly executionId: string;
}

/** The writing end, within the pipeline. */
export class LedgerWriter {
  #calls = 0;

  constructor(private readonly fd: number) {}

  author(author: Author): void {
    writeSync(this.fd, `${JSON.stringify(author)}\n`);
  }

  /** Told after each call, every one of which records one event. */
  returned(): void {
    this.#calls += 1;
    writeSync(this.fd, `${this.#calls}\n`);
  }

  messageDone(): void {
    writeSync(this.fd, `m ${performance.now().toFixed(3)}\n`);
  }
}

/** What a pipeline has told. */
export interface Ledger {
  /** undefined when it recorded nothing */
  readonly author: Author | undefined;
  /** calls that have returned: the events of sequences 1 to this */
  readonly returned: number;
  /** messages done after the first one, and the seconds they took */
  readonly messages: number;
  readonly seconds: number;
}

export function readLedger(file: string): Ledger {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const author = lines.find((line) => line.startsWith('{'));
  const times = lines.filter((line) => line.startsWith('m ')).map((line) => Number(line.slice(2)));
  const returned = Number(lines.findLast((line) => /^\d/.test(line)) ?? 0);
  const [first = 0, last = first] = [times[0], times.at(-1)];
  return {
    author: author === undefined ? undefined : (JSON.parse(author) as Author),
    returned,
    messages: Math.max(0, times.length - 1),
    seconds: (last - first) / 1000,
  };
}
