import { executionCompletionOf } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import type { Reader } from '../../database/database';
import { QueryError } from '../../database/query-error';
import { notPruned } from '../absent-execution';
import { Comparison } from './comparison';
import type { DiffExecution } from './diff';
import { Messages } from './messages';
import { Pairing } from './pair-messages';
import { readOrigins } from './read-origins';
import { readTable } from './read-records';
import { Places } from './record-table';

/** Records of each execution that a comparison holds; one of more is refused. */
export const MAX_DIFF_RECORDS = 1_000_000;

// Served by the primary key.
const EXECUTIONS: Statement = {
  name: 'executions to compare',
  sql: `
  SELECT x.execution_id, x.name, x.status, x.replay_of, x.unsettled, x.placeholders,
    (x.pending + x.completed + x.failed + x.cancelled) AS records
  FROM lineage_execution x
  WHERE x.execution_id = ANY($1::uuid[]) AND ${notPruned('x.execution_id')}`,
};

interface ExecutionRow extends Pick<DiffExecution, 'name' | 'status' | 'replay_of'> {
  readonly execution_id: string;
  readonly unsettled: string;
  readonly placeholders: string;
  readonly records: string;
}

/** What is known of one of two compared executions. */
export type ComparedExecution = Omit<DiffExecution, 'compared' | 'outside'>;

export interface Compared {
  readonly a: ComparedExecution;
  readonly b: ComparedExecution;
  readonly places: Places;
  readonly comparison: Comparison;
}

/** Thrown where an execution is not there. */
export class AbsentExecution extends Error {
  constructor(readonly id: string) {
    super(`no execution ${id}`);
  }
}

/** Compares two executions as they are at one moment. @param reader reads a snapshot */
export async function compare(
  reader: Reader,
  idA: string,
  idB: string,
  maxRecords: number,
): Promise<Compared> {
  const rows = await reader.rows<ExecutionRow>(EXECUTIONS, [[idA, idB]]);
  const executionOf = (id: string): ExecutionRow => {
    const row = rows.find(({ execution_id: of }) => of === id);
    if (!row) throw new AbsentExecution(id);
    if (Number(row.records) > maxRecords) throw tooLarge(row, maxRecords);
    return row;
  };
  const [rowA, rowB] = [executionOf(idA), executionOf(idB)];
  const places = new Places();
  const messagesOf = async (row: ExecutionRow): Promise<Messages> =>
    new Messages(await readTable(reader, row.execution_id, Number(row.records), places));
  const a = await messagesOf(rowA);
  const b = await messagesOf(rowB);
  const pairing = await Pairing.of(a, b, await readOrigins(reader, a, b));
  const [shownA, shownB] = [shown(rowA), shown(rowB)];
  const ended = { a: hasEnded(shownA), b: hasEnded(shownB) };
  return { a: shownA, b: shownB, places, comparison: new Comparison(pairing, places, ended) };
}

/** Nothing more is to come of an execution that has failed or was cancelled, or is done. */
export const hasEnded = ({ completion }: ComparedExecution): boolean =>
  completion !== 'running' && completion !== 'awaiting_records';

function shown({ execution_id: id, name, status, replay_of, ...counts }: ExecutionRow): ComparedExecution {
  const unsettled = Number(counts.unsettled);
  const placeholders = Number(counts.placeholders);
  const completion = executionCompletionOf({ status, unsettled, placeholders });
  return { id, name, status, completion, replay_of };
}

const tooLarge = ({ execution_id: id, records }: ExecutionRow, maxRecords: number): QueryError =>
  new QueryError(
    'execution_too_large',
    `Execution ${id} has ${records} records; executions of up to ${maxRecords} are compared.`,
  );
