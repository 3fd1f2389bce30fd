import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database, type Reader } from '../database/database';
import { QueryError } from '../database/query-error';
import { notPruned, prunedExecution } from '../executions/absent-execution';
import { IdField } from '../http/query-fields';
import { RECORD_COLUMNS, type LineageRecord, type RecordRow } from './lineage-record';
import { lineageRecordsOf } from './stalled';

/** How many executions a 409 names. */
const NAMED = 100;

/** What every question about one record takes. */
export class OneRecordRequest {
  @IdField('The execution of the record; needed when its id is found in several')
  readonly execution_id?: string;
}

/** One record, registered or not. */
export class GetRecord extends Query<LineageRecord> {
  constructor(
    readonly id: string,
    readonly executionId: string | undefined,
  ) {
    super();
  }
}

// Served by lineage_record_id. `OFFSET 0` keeps the order of what is found out of how it is found.
const byId = (name: string, columns: string): Statement => ({
  name,
  sql: `
  SELECT * FROM (SELECT ${columns} FROM lineage_record r WHERE r.id = $1::uuid OFFSET 0) r
  WHERE ${notPruned('r.execution_id')} ORDER BY r.execution_id LIMIT ${NAMED + 1}`,
});
// Served by the primary key.
const byKey = (name: string, columns: string): Statement => ({
  name,
  sql: `
  SELECT * FROM (
    SELECT ${columns} FROM lineage_record r
    WHERE r.execution_id = $2::uuid AND r.id BETWEEN $1::uuid AND $1 ORDER BY r.id OFFSET 0) r
  WHERE ${notPruned('r.execution_id')}`,
});
const RECORD = byId('record', RECORD_COLUMNS);
const RECORD_OF = byKey('record of execution', RECORD_COLUMNS);
const EXECUTIONS = byId('executions of record', 'r.execution_id');
const EXECUTION = byKey('execution of record', 'r.execution_id');

@QueryHandler(GetRecord)
export class GetRecordHandler implements IQueryHandler<GetRecord> {
  constructor(private readonly database: Database) {}

  async execute({ id, executionId }: GetRecord): Promise<LineageRecord> {
    const reader = this.database.reader();
    const rows =
      executionId === undefined
        ? await reader.rows<RecordRow>(RECORD, [id])
        : await reader.rows<RecordRow>(RECORD_OF, [id, executionId]);
    const [record] = await lineageRecordsOf(reader, [await theOnly(reader, rows, id, executionId)]);
    return record as LineageRecord;
  }
}

/** The execution that a record is in. @throws QueryError when it is in none, or in several and none was named */
export async function executionOf(
  reader: Reader,
  id: string,
  executionId: string | undefined,
): Promise<string> {
  const rows =
    executionId === undefined
      ? await reader.rows<{ execution_id: string }>(EXECUTIONS, [id])
      : await reader.rows<{ execution_id: string }>(EXECUTION, [id, executionId]);
  return (await theOnly(reader, rows, id, executionId)).execution_id;
}

async function theOnly<Row extends { execution_id: string }>(
  reader: Reader,
  rows: readonly Row[],
  id: string,
  executionId: string | undefined,
): Promise<Row> {
  const [row, ...more] = rows;
  if (!row) {
    const pruned = executionId === undefined ? undefined : await prunedExecution(reader, executionId);
    if (pruned) throw pruned;
    const where = executionId === undefined ? '' : ` in execution ${executionId}`;
    throw new QueryError('record_not_found', `There is no record ${id}${where}.`);
  }
  if (more.length > 0) throw ambiguous(rows, id);
  return row;
}

function ambiguous(rows: readonly { execution_id: string }[], id: string): QueryError {
  const many = rows.length > NAMED ? `more than ${NAMED}` : String(rows.length);
  return new QueryError(
    'ambiguous_record',
    `Record ${id} is found in ${many} executions: name one of them with execution_id.`,
    rows.slice(0, NAMED).map(({ execution_id: message }) => ({ field: 'execution_id', message })),
  );
}
