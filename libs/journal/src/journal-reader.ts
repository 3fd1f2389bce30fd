import { readCheckpoint, writeCheckpoint, type JournalPosition } from './checkpoint';
import { DAMAGED, readSegment, type Budget, type JournalFault } from './segment-reader';
import { listSegments, removeSegmentsBefore, segmentPath } from './segments';

/** A line of a journal. */
export interface JournalLine {
  readonly text: string;
  /** bytes of the text, and a few more */
  readonly bytes: number;
  /** the place behind it */
  readonly end: JournalPosition;
}

export interface JournalReaderOptions {
  readonly folder: string;
  /** Told once of each part that cannot be read. */
  readonly onFault: (fault: JournalFault) => void;
  /** whether somebody may still append: then the end of the last segment is not the end of everything. Default false */
  readonly live?: boolean;
  /** The last segment to be read as long as something is to be appended before those that follow. Asked after what is there was listed. Default: every one */
  readonly upTo?: () => number;
}

/**
 * Reads a journal from its checkpoint on. `peek` shows what comes next and shows it again until `accept` moves the
 * checkpoint behind it. Torn and damaged lines are skipped and told of. Nothing here throws but `accept`.
 */
export class JournalReader {
  #position: JournalPosition;
  #toldUpTo: JournalPosition;
  #blocked = false;
  #lineEnd: JournalPosition;
  #damageEnd: JournalPosition | undefined;

  constructor(private readonly options: JournalReaderOptions) {
    this.#position = readCheckpoint(options.folder);
    [this.#toldUpTo, this.#lineEnd] = [this.#position, this.#position];
  }

  get position(): JournalPosition {
    return this.#position;
  }

  /** whether `peek` stopped at a segment that cannot be read now */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** whether something that is not as it was written stands behind all lines that were found */
  get endsDamaged(): boolean {
    return this.#damageEnd !== undefined && isBehind(this.#damageEnd, this.#lineEnd);
  }

  /** The lines after the position, in their order; none when there are none yet. */
  peek(budget: Budget): JournalLine[] {
    const lines: JournalLine[] = [];
    const { folder, live = false, upTo = () => Infinity } = this.options;
    let bytes = 0;
    this.#blocked = false;
    for (let at = this.#position; ;) {
      // Asked first: once there is a later segment nobody appends to this one any more.
      const segments = listSegments(folder);
      const later = segments.find((each) => each > at.segment);
      if (segments.includes(at.segment)) {
        const rest = { maxLines: budget.maxLines - lines.length, maxBytes: budget.maxBytes - bytes };
        if (lines.length > 0 && rest.maxBytes <= 0) return lines;
        const { segment } = at;
        const part = readSegment(segmentPath(folder, segment), at.offset, rest, {
          finished: !live || later !== undefined,
          onFault: (fault) => this.#tell(segment, fault),
        });
        for (const { text, bytes: size, end } of part.lines) {
          lines.push({ text, bytes: size, end: { segment, offset: end } });
          bytes += size;
        }
        const lineEnd = lines.at(-1)?.end;
        if (lineEnd && isBehind(lineEnd, this.#lineEnd)) this.#lineEnd = lineEnd;
        if (lines.length === 0) this.#position = { segment, offset: part.end };
        if (!part.exhausted) {
          this.#blocked = lines.length === 0;
          return lines;
        }
      }
      if (later === undefined || later > upTo() || lines.length >= budget.maxLines) return lines;
      at = { segment: later, offset: 0 };
      if (lines.length === 0) this.#position = at;
    }
  }

  /**
   * Moves the checkpoint, and removes segments that are before it.
   * @param answered sequence of the last event before it
   * @throws Error when it cannot be written: the position has moved, the lines come again after a restart
   */
  accept(position: JournalPosition, answered?: number): void {
    const isNew = position.segment > this.#position.segment;
    this.#position = position;
    try {
      writeCheckpoint(this.options.folder, position, answered);
    } finally {
      // On a full disk it is this that makes room for a checkpoint.
      if (isNew) removeSegmentsBefore(this.options.folder, position.segment);
    }
  }

  #tell(segment: number, fault: JournalFault): void {
    const end = { segment, offset: fault.offset + Math.max(1, fault.bytes) };
    if (!isBehind(end, this.#toldUpTo)) return;
    this.#toldUpTo = end;
    if (fault.reason === DAMAGED) this.#damageEnd = end;
    this.options.onFault(fault);
  }
}

const isBehind = (a: JournalPosition, b: JournalPosition): boolean =>
  a.segment > b.segment || (a.segment === b.segment && a.offset > b.offset);
