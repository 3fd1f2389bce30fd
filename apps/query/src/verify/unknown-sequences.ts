import { setTimeout as delay } from 'node:timers/promises';
import { GONE_AFTER_MS, NO_RECORDER, recorderStateOf, type SequenceRange } from '@factflow/domain';
import { recorderFromRow, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { COLUMNS, type RecorderRow } from '../recorders/recorder';
import type { LogSequences } from './log-sequences';
import type { Report } from './report';
import { without } from './without';

const PAGE = 100;
/** Events are there a moment before it is written down that they came: that is waited for. */
const ASK_AGAIN = 4;
const ASK_AGAIN_AFTER_MS = 500;

// Served by the primary key.
const SENDERS: Statement = {
  name: 'verify_senders',
  sql: `SELECT ${COLUMNS}, o.seen_at FROM lineage_recorder o WHERE o.recorder_id = ANY($1::uuid[])`,
};

type SenderRow = RecorderRow & { readonly seen_at: Date };

/** Finds sequences in the log that their recorders are not known to have sent. */
export class UnknownSequences {
  constructor(
    private readonly reader: Reader,
    private readonly log: LogSequences,
    private readonly report: Report,
    private readonly signal: AbortSignal,
  ) {}

  /** @param executionId of whose events the log is; null: of all */
  async find(executionId: string | null): Promise<void> {
    let suspects = this.log.ids.filter((id) => id !== NO_RECORDER);
    for (let asked = 0; suspects.length > 0 && asked < ASK_AGAIN; asked += 1) {
      if (asked > 0) await delay(ASK_AGAIN_AFTER_MS, undefined, { signal: this.signal });
      const left: string[] = [];
      await this.each(suspects, (id, row) => {
        if (this.unknown(id, row).next().done !== true) left.push(id);
      });
      suspects = left;
    }
    await this.each(suspects, (id, row) => this.tell(executionId, id, row));
  }

  private async each(
    ids: readonly string[],
    take: (id: string, row: SenderRow | undefined) => void,
  ): Promise<void> {
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE);
      const rows = await this.reader.rows<SenderRow>(SENDERS, [page]);
      const byId = new Map(rows.map((row) => [row.recorder_id, row]));
      for (const id of page) take(id, byId.get(id));
      this.report.progress();
    }
  }

  private unknown(id: string, row: SenderRow | undefined): Iterator<SequenceRange> & Iterable<SequenceRange> {
    return without(this.log.rangesOf(id), row ? recorderFromRow(row).received : []);
  }

  private tell(executionId: string | null, id: string, row: SenderRow | undefined): void {
    const isAwaited = row !== undefined && mayBeAnswered(row);
    for (const [from, to] of this.unknown(id, row)) {
      const count = from === to ? 'An event' : `${to - from + 1} events`;
      this.report.find(isAwaited ? 'sequence_awaited' : 'sequence_unknown', {
        execution_id: executionId,
        recorder_id: id,
        field: 'sequence',
        stored: from === to ? String(from) : `${from}-${to}`,
        message: `${count} in the log, and the recorder is not known to have sent ${from === to ? 'it' : 'them'}: ${isAwaited ? AWAITED : UNKNOWN}`,
        advice: isAwaited ? verifyAgain(executionId) : null,
      });
    }
  }
}

const AWAITED = 'it may not have been answered yet, and sends again what was not.';
const UNKNOWN = 'somebody put there what did not arrive, or gave it another recorder or sequence.';
const verifyAgain = (executionId: string | null): string =>
  `factflow lineage verify${executionId === null ? '' : ` --execution ${executionId}`}`;

/** Whether a recorder may wait for an answer: then it is not written down yet that its events came. */
function mayBeAnswered(row: SenderRow): boolean {
  const now = row.now.getTime();
  const recorder = recorderFromRow(row);
  switch (recorderStateOf(recorder, now)) {
    case 'alive':
    case 'stuck':
      return true;
    case 'silent':
      return row.seen_at.getTime() >= now - GONE_AFTER_MS;
    case 'gone':
    case 'closed':
      return recorder.spooled > 0;
  }
}
