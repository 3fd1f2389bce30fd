import { MAX_LINE_BYTES } from '@factflow/journal';
import { showProgress } from '../progress';
import type { Session } from '../session';
import { findEvents } from './find-events';
import { unreadable, type Source, type Spool } from './find-sources';
import { readLines, type RawLine } from './read-lines';
import type { RejectedFile } from './rejected-file';
import { sendBatch, type SourcedEvent } from './send-batch';
import type { Tally } from './tally';

/** Of one request. */
const MAX_EVENTS = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Width of the bar. */
const BAR = 24;

/**
 * Sends the events of sources in their order, one request after the other. What is in memory is a request and the
 * line after it, whatever the size of a source.
 */
export class ImportRun {
  /** spools of which a part was gone when it was to be read: others ship it */
  readonly incomplete = new Set<Spool>();
  /** spools that end with something that is not as it was written */
  readonly damaged = new Set<Spool>();
  #batch: SourcedEvent[] = [];
  #bytes = 0;
  #bytesRead = 0;
  readonly #total: number | undefined;

  constructor(
    private readonly session: Session,
    private readonly sources: readonly Source[],
    private readonly tally: Tally,
    private readonly rejectedFile: RejectedFile,
  ) {
    const sizes = sources.map(({ size }) => size ?? NaN).reduce((sum, size) => sum + size, 0);
    this.#total = Number.isNaN(sizes) ? undefined : sizes;
  }

  /** @throws CliError for a file that cannot be read, and when events are not taken */
  async run(): Promise<void> {
    for (const source of this.sources) await this.#read(source);
    await this.#flush();
  }

  async #read(source: Source): Promise<void> {
    for await (const line of readLines(this.#chunks(source))) {
      if (line.bytes === undefined) this.#skip(source, line, `it has over ${MAX_LINE_BYTES} bytes`);
      else
        for (const found of findEvents(line.bytes)) {
          if ('reason' in found) this.#skip(source, line, found.reason);
          else {
            if (source.spool) this.damaged.delete(source.spool);
            await this.#add({ ...found, file: source.name, line: line.number });
          }
        }
    }
  }

  /** A line without its end is one whose call had not returned; whatever else cannot be read was an event. */
  #skip({ name: file, spool }: Source, { number: line, bytes, isEnded }: RawLine, reason: string): void {
    if (spool && (isEnded || bytes === undefined)) this.damaged.add(spool);
    this.tally.skip({ file, line, reason });
  }

  async *#chunks({ name, spool, open }: Source): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of open()) {
        this.#bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!spool || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(name, error);
      this.incomplete.add(spool);
      this.session.printer.remark(`${name} is gone: another process has taken it over, and ships it.`);
    }
  }

  async #add(event: SourcedEvent): Promise<void> {
    const bytes = Buffer.byteLength(event.json) + 1;
    if (this.#batch.length > 0 && this.#bytes + bytes > MAX_BYTES) await this.#flush();
    this.#batch.push(event);
    this.#bytes += bytes;
    if (this.#batch.length >= MAX_EVENTS) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const events = this.#batch;
    [this.#batch, this.#bytes] = [[], 0];
    showProgress(this.session, this.#progress());
    const sent = await sendBatch(this.session, events);
    for (const { recorderId, sequence } of events) this.tally.saw(recorderId, sequence);
    this.tally.sent(sent);
    await this.rejectedFile.write(sent.rejected);
    showProgress(this.session, this.#progress());
  }

  #progress(): string {
    const { inserted, duplicates, rejected, skipped } = this.tally;
    const counts = `${inserted} inserted, ${duplicates} duplicates, ${rejected} rejected, ${skipped} skipped`;
    if (!this.#total) return counts;
    const part = Math.min(1, this.#bytesRead / this.#total);
    const full = Math.round(part * BAR);
    return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.floor(part * 100)).padStart(3)} %  ${counts}`;
  }
}
