import { fromMultirange, type Statement } from '@factflow/store';
import type { SequenceRange, Sequences } from '@factflow/domain';
import type { Reader } from '../database/database';
import { LogSequences } from './log-sequences';
import type { Report } from './report';
import { UnknownSequences } from './unknown-sequences';
import { without } from './without';

const PAGE = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
/** Recorders, and ranges that were accepted of them, that are remembered; past it the rest is left out. */
const MOST_RANGES = 300_000;

// Both served by primary keys, and lineage_coverage_recorder.
const ACCEPTED: Statement = {
  name: 'verify_accepted',
  sql: `
  SELECT o.recorder_id, o.accepted::text AS accepted, o.pruned FROM lineage_recorder o
  WHERE o.recorder_id > $1::uuid ORDER BY o.recorder_id LIMIT ${PAGE}`,
};
// Tombstones come first, then coverage goes and recorders are marked, then events go.
const STANDING: Statement = {
  name: 'verify_standing',
  sql: `
  SELECT o.recorder_id, o.pruned OR (
      SELECT true FROM lineage_coverage c JOIN lineage_tombstone t USING (execution_id)
      WHERE c.recorder_id = o.recorder_id LIMIT 1) IS NOT NULL AS pruned,
    (SELECT true FROM lineage_coverage c
      WHERE c.recorder_id = o.recorder_id AND c.execution_id = ANY($2::uuid[]) LIMIT 1) IS NOT NULL AS skipped
  FROM lineage_recorder o WHERE o.recorder_id = ANY($1::uuid[])`,
};

interface AcceptedRow {
  readonly recorder_id: string;
  readonly accepted: string;
  readonly pruned: boolean;
}
interface StandingRow {
  readonly recorder_id: string;
  readonly pruned: boolean;
  readonly skipped: boolean;
}

/**
 * Holds the sequences in the log against what is known of recorders. What was accepted before the events were read has
 * to be among them; what was among them has to be known of after. So nothing that arrives meanwhile makes a difference.
 */
export class SequencesCheck {
  /** sees every event that is read */
  readonly log = new LogSequences();
  private readonly accepted = new Map<string, Sequences>();

  constructor(
    private readonly reader: Reader,
    private readonly report: Report,
    private readonly signal: AbortSignal,
  ) {}

  /** Remembers what was accepted, before the first event is read. @param most as {@link MOST_RANGES} */
  async remember(most = MOST_RANGES): Promise<void> {
    const { reader, report, accepted } = this;
    let held = 0;
    for (let after = FIRST_ID; ;) {
      const rows = await reader.rows<AcceptedRow>(ACCEPTED, [after]);
      for (const { recorder_id: id, accepted: text, pruned } of rows) {
        const ranges = fromMultirange(text);
        if (pruned) report.checked.recorders_pruned += 1;
        if (pruned || ranges.length === 0) continue;
        held += 1 + ranges.length;
        if (held > most) {
          report.leaveOut(
            `Whether all is in the log that was accepted of recorder ${id} and those behind it: they are too many.`,
          );
          return;
        }
        accepted.set(id, ranges);
      }
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.recorder_id;
    }
  }

  /** Compares, after the last event was read. @param executionId the one whose events were read; undefined: all */
  async compare(executionId: string | undefined): Promise<void> {
    if (executionId === undefined) await this.findVanished();
    await new UnknownSequences(this.reader, this.log, this.report, this.signal).find(executionId ?? null);
  }

  private async findVanished(): Promise<void> {
    const { accepted, log, report } = this;
    const held = [...accepted.keys()].filter((id) => log.isWhole(id));
    report.checked.recorders_compared += held.length;
    if (held.length < accepted.size)
      report.leaveOut(
        `Whether all is in the log that was accepted of ${accepted.size - held.length} recorders: the log has more sequences than are held.`,
      );
    for (let start = 0; start < held.length; start += PAGE) {
      const suspects = held.slice(start, start + PAGE).filter((id) => this.vanished(id).next().done !== true);
      if (suspects.length > 0) await this.tell(suspects);
      this.signal.throwIfAborted();
      report.progress();
    }
  }

  private vanished(recorderId: string): Iterator<SequenceRange> & Iterable<SequenceRange> {
    return without(this.accepted.get(recorderId) ?? [], this.log.rangesOf(recorderId));
  }

  /** Tells what of recorders has vanished, but of those it may have been pruned, or not been read. */
  private async tell(suspects: readonly string[]): Promise<void> {
    const { report, log } = this;
    const rows = await this.reader.rows<StandingRow>(STANDING, [suspects, log.skipped]);
    const standing = new Map(rows.map((row) => [row.recorder_id, row]));
    for (const id of suspects) {
      const row = standing.get(id);
      if (row && !row.pruned && !row.skipped) {
        for (const range of this.vanished(id)) report.find('gap_vanished', vanishedEvents(id, range));
        continue;
      }
      report.checked.recorders_compared -= 1;
      // One that is forgotten was seen in nothing but executions that are pruned now.
      if (!row || row.pruned) report.checked.recorders_pruned += 1;
    }
  }
}

const vanishedEvents = (recorderId: string, [from, to]: SequenceRange) => ({
  recorder_id: recorderId,
  field: 'sequence',
  expected: from === to ? String(from) : `${from}-${to}`,
  message:
    (from === to ? 'An event that was taken in is' : `${to - from + 1} events that were taken in are`) +
    ' no longer in the log: somebody deleted what was there, or gave it another recorder or sequence. Spools and ' +
    'structured logs do not have it any more; a backup of the database does.',
  advice: null,
});
