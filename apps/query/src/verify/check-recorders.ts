import {
  absenceOf,
  absencesOf,
  GONE_AFTER_MS,
  type Absence,
  type ExecutionState,
  type SequenceRange,
} from '@factflow/domain';
import { recorderFromRow, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { COVERAGE, coverageOf, MOST_SEEN, RECORDERS, type CoverageRow } from '../executions/completeness';
import { COLUMNS, type RecorderRow } from '../recorders/recorder';
import type { FindingKind } from './finding';
import type { Report } from './report';

const PAGE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const IMPORT = 'factflow lineage import <structured log or spool>';

// Served by the primary key.
const PAGE_OF_RECORDERS: Statement = {
  name: 'verify_recorders',
  sql: `
  SELECT ${COLUMNS}, o.seen_at FROM lineage_recorder o
  WHERE o.recorder_id > $1::uuid ORDER BY o.recorder_id LIMIT ${PAGE}`,
};

/** Looks for what is missing of all recorders, whichever execution it may be of. */
export async function checkRecorders(reader: Reader, report: Report): Promise<void> {
  for (let after = FIRST_ID; ;) {
    const rows = await reader.rows<RecorderRow & { readonly seen_at: Date }>(PAGE_OF_RECORDERS, [after]);
    for (const row of rows) {
      const now = row.now.getTime();
      const absence = absenceOf(recorderFromRow(row), now);
      // Of one that never sends heartbeats, all is said when it has been quiet for as long as another may be.
      const isQuiet = row.heartbeat_at === null && row.seen_at.getTime() < now - GONE_AFTER_MS;
      tell({ ...absence, isOver: absence.isOver || isQuiet }, null, report);
    }
    report.progress();
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.recorder_id;
  }
}

/** Looks for what is missing of the recorders seen in an execution, and may be of it. */
export async function checkCoverage(
  reader: Reader,
  execution: ExecutionState,
  report: Report,
): Promise<void> {
  const seen = await reader.rows<CoverageRow>(COVERAGE, [[execution.id]]);
  if (seen.length > MOST_SEEN) {
    report.leaveOut(`Gaps of execution ${execution.id}: more than ${MOST_SEEN} recorders were seen in it.`);
    return;
  }
  const rows = await reader.rows<RecorderRow>(RECORDERS, [seen.map((row) => row.recorder_id)]);
  const recorders = new Map(rows.map((row) => [row.recorder_id, recorderFromRow(row)]));
  const now = rows[0]?.now.getTime() ?? 0;
  for (const absence of absencesOf(
    { ...execution, pending: execution.counts.pending },
    seen.map(coverageOf),
    recorders,
    now,
  ))
    tell(absence, execution.id, report);
}

function tell(
  { recorderId, lost, rejected, gaps, isOver }: Absence,
  executionId: string | null,
  report: Report,
): void {
  report.checked.recorders += 1;
  const find = (
    kind: FindingKind,
    ranges: readonly SequenceRange[],
    message: string,
    advice: string | null,
  ): void => {
    for (const [from, to] of ranges) {
      report.find(kind, {
        execution_id: executionId,
        recorder_id: recorderId,
        field: 'sequence',
        expected: from === to ? String(from) : `${from}-${to}`,
        message,
        advice,
      });
    }
  };
  find(
    'gap_lost',
    lost,
    'The recorder gave these events up and wrote them to its structured log; they were not imported.',
    IMPORT,
  );
  find(
    'gap_rejected',
    rejected,
    'The command app refused these events; the structured log of the service says why.',
    null,
  );
  // What a process that is gone has left on its disk is late, not missing.
  if (isOver && gaps.count > 0)
    find(
      'gap_missing',
      gaps.ranges,
      'These events never arrived, and the recorder is gone: its spool or structured log may have them.',
      IMPORT,
    );
  else
    find(
      'gap_awaited',
      gaps.ranges,
      'These events have not arrived yet.',
      isOver ? IMPORT : 'factflow recorders',
    );
}
