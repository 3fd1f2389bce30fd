import { emptyExecution, ExecutionSum, isRecordEvent, type ExecutionState } from '@factflow/domain';
import { columnsOf, differencesOf, EXECUTIONS, type RowTexts, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { checkCounts } from './check-counts';
import { checkJoins } from './check-joins';
import { invalidEvent, rebuild, RecordsCheck, type Gathered } from './check-records';
import { checkStatistics } from './check-statistics';
import type { LogSequences } from './log-sequences';
import { rowsOf } from './pages';
import { RecordGraph } from './record-graph';
import type { Report } from './report';
import { executionEvents, sourceOf, storedEvent } from './stored-event';
import { SumTable } from './sum-table';

/** Sums of statistics that one execution may have. */
const MOST_SUMS = 20_000;

// Both served by primary keys.
const TOMBSTONE: Statement = {
  name: 'verify_tombstone',
  sql: 'SELECT 1 FROM lineage_tombstone WHERE execution_id = $1',
};
const ROW: Statement = {
  name: 'verify_execution',
  sql: `SELECT ${columnsOf(EXECUTIONS, 'x')} FROM lineage_execution x WHERE x.execution_id = $1`,
};

const COUNTS: ReadonlySet<string> = new Set([
  'pending',
  'completed',
  'failed',
  'cancelled',
  'unsettled',
  'placeholders',
]);

export interface Bounds {
  /** records that are held at once */
  readonly most: number;
  /** sees the source of every event that is read */
  readonly log: LogSequences;
}

/**
 * Holds all rows of an execution against its events.
 * @param reader sees one moment: whatever is stored meanwhile makes no difference
 * @returns the execution as it should be; undefined when it was pruned, is not there, or is too large
 */
export async function checkExecution(
  reader: Reader,
  executionId: string,
  { most, log }: Bounds,
  report: Report,
): Promise<ExecutionState | undefined> {
  const [tombstone] = await reader.texts(TOMBSTONE, [executionId]);
  if (tombstone) {
    report.checked.pruned += 1;
    return undefined;
  }
  const gathered: Gathered = {
    log,
    graph: new RecordGraph(),
    sums: new SumTable(MOST_SUMS),
    execution: new ExecutionSum(emptyExecution(executionId)),
  };
  const isWhole = await new RecordsCheck(reader, executionId, gathered, report).run(most);
  report.checked.executions += 1;
  if (!isWhole) {
    log.skip(executionId);
    report.leaveOut(
      `Execution ${executionId} has more than ${most} records: those behind them, and what all of them add up to.`,
    );
    return undefined;
  }
  const { graph, sums } = gathered;
  graph.count();
  const counts = checkCounts(executionId, graph, sums, report);
  await checkJoins(reader, executionId, graph, report);
  await checkStatistics(reader, executionId, sums, report);
  await foldEvents(reader, executionId, gathered, report);
  const execution = { ...gathered.execution.result(), ...counts };
  // Nothing that was folded is earlier than the first event of nothing.
  const expected = execution.firstEventAt < emptyExecution(executionId).firstEventAt ? execution : undefined;
  await checkRow(reader, expected, executionId, report);
  return expected;
}

/** Folds the events of the execution itself. */
async function foldEvents(
  reader: Reader,
  executionId: string,
  { execution, log }: Gathered,
  report: Report,
): Promise<void> {
  for await (const texts of rowsOf(executionEvents(reader, executionId))) {
    report.checked.events += 1;
    log.see(...sourceOf(texts));
    const { event, ...refused } = storedEvent(executionId, texts);
    if (event && !isRecordEvent(event)) execution.see(event);
    else if ('eventId' in refused)
      report.find('event_invalid', invalidEvent(executionId, null, refused.eventId, refused.problem));
  }
}

async function checkRow(
  reader: Reader,
  execution: ExecutionState | undefined,
  executionId: string,
  report: Report,
): Promise<void> {
  const [row] = (await reader.texts(ROW, [executionId])) as [RowTexts?];
  const about = { execution_id: executionId, advice: rebuild(executionId) };
  if (!execution) {
    const message = 'There is a row of the execution, and no event of it in the log.';
    if (row) report.find('execution_unexpected', { ...about, message });
    return;
  }
  if (!row) {
    report.find('execution_missing', { ...about, message: 'There are events of the execution, and no row.' });
    return;
  }
  report.checked.counters += COUNTS.size;
  for (const difference of differencesOf(EXECUTIONS, row, execution)) {
    const { field } = difference;
    const isCount = COUNTS.has(field);
    const message = isCount
      ? `The row of the execution counts another number of ${field} than its records give.`
      : `The row of the execution has another ${field} than its events give.`;
    report.find(isCount ? 'counter_differs' : 'execution_differs', { ...about, ...difference, message });
  }
}
