import type { ExecutionState, RecordStatus } from '@factflow/domain';
import { rebuild } from './check-records';
import type { RecordGraph, Recounted } from './record-graph';
import type { Report } from './report';
import type { SumTable } from './sum-table';

/** What an execution's row counts. */
export type ExecutionCounts = Pick<ExecutionState, 'counts' | 'unsettled' | 'placeholders'>;

/** Holds stored counts of children against the graph. @returns the counts of the whole execution */
export function checkCounts(
  executionId: string,
  graph: RecordGraph,
  sums: SumTable,
  report: Report,
): ExecutionCounts {
  const counts: Record<RecordStatus, number> = { pending: 0, completed: 0, failed: 0, cancelled: 0 };
  let unsettled = 0;
  let placeholders = 0;
  for (const record of graph.all()) {
    checkRecord(executionId, record, report);
    if (record.registered) {
      counts[record.status] += 1;
      if (!record.settled) unsettled += 1;
      if (!record.settled && record.status === 'completed') sums.wait(record.sum);
    } else if (isMentioned(record)) placeholders += 1;
  }
  return { counts, unsettled, placeholders };
}

const isMentioned = ({ hasEvents, children }: Recounted): boolean => hasEvents || children > 0;

function checkRecord(executionId: string, record: Recounted, report: Report): void {
  const { id, stored } = record;
  const about = { execution_id: executionId, record_id: id, advice: rebuild(executionId) };
  if (!stored) {
    const message = record.hasEvents
      ? 'There are events of the record, and no row.'
      : 'Records name it as a parent, and it has no row.';
    report.find('record_missing', { ...about, message });
    return;
  }
  if (!isMentioned(record)) {
    // One that says it was folded from events has been told of.
    if (!record.isOrphan)
      report.find('record_unexpected', {
        ...about,
        message: 'The row is of a record that nothing mentions.',
      });
    return;
  }
  report.checked.counters += 2;
  const differs = (field: string, has: number, should: number): void => {
    if (has === should) return;
    report.find('counter_differs', {
      ...about,
      field,
      stored: String(has),
      expected: String(should),
      message: `The row of the record counts another number of ${field} than there are.`,
    });
  };
  differs('children', stored.children, record.children);
  differs('pending_children', stored.pendingChildren, record.pendingChildren);
}
