import type { Rejection, Sent } from './send-batch';

/** Lines that are told one by one. */
const MAX_TOLD = 10;

/** A line without an event, or with a part that is none. */
export interface SkippedLine {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** A payload that was not taken. */
export interface RefusedPayload {
  readonly file: string;
  readonly reason: string;
}

/** What has become of everything so far. */
export class Tally {
  inserted = 0;
  duplicates = 0;
  rejected = 0;
  skipped = 0;
  /** payloads by what became of them */
  readonly payloads = { stored: 0, present: 0, refused: 0 };
  /** the first that were refused */
  readonly refusals: RefusedPayload[] = [];
  /** the first of those */
  readonly rejections: Rejection[] = [];
  readonly skips: SkippedLine[] = [];
  readonly #highest = new Map<string, number>();

  /** Events the command app has answered for. */
  get read(): number {
    return this.inserted + this.duplicates + this.rejected;
  }

  skip(line: SkippedLine): void {
    this.skipped += 1;
    if (this.skips.length < MAX_TOLD) this.skips.push(line);
  }

  /** @param isNew whether the payload was not there before */
  stored(isNew: boolean): void {
    this.payloads[isNew ? 'stored' : 'present'] += 1;
  }

  refused(payload: RefusedPayload): void {
    this.payloads.refused += 1;
    if (this.refusals.length < MAX_TOLD) this.refusals.push(payload);
  }

  sent({ inserted, duplicates, rejected }: Sent): void {
    this.inserted += inserted;
    this.duplicates += duplicates;
    this.rejected += rejected.length;
    this.rejections.push(...rejected.slice(0, MAX_TOLD - this.rejections.length));
  }

  saw(recorderId: string | undefined, sequence: number): void {
    if (recorderId !== undefined && sequence > this.highestOf(recorderId))
      this.#highest.set(recorderId, sequence);
  }

  /** The highest sequence that was seen of a recorder; 0: none. */
  highestOf(recorderId: string): number {
    return this.#highest.get(recorderId) ?? 0;
  }
}
