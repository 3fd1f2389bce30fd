import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database, type Read } from '../database/database';
import { QueryError } from '../database/query-error';
import { notPruned, prunedExecution } from '../executions/absent-execution';
import { IdField } from '../http/query-fields';
import { lineageRecordOf, RECORD_COLUMNS, type LineageRecord, type RecordRow } from './lineage-record';

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

// Served by lineage_record_id, or by the primary key when the execution is named.
const recordSql = (columns: string): string => `
  SELECT ${columns} FROM lineage_record r
  WHERE r.id = $1 AND ($2::uuid IS NULL OR r.execution_id = $2) AND ${notPruned('r.execution_id')}
  ORDER BY r.execution_id LIMIT ${NAMED + 1}`;
const RECORD_SQL = recordSql(RECORD_COLUMNS);
const EXECUTION_SQL = recordSql('r.execution_id');

@QueryHandler(GetRecord)
export class GetRecordHandler implements IQueryHandler<GetRecord> {
  constructor(private readonly database: Database) {}

  async execute({ id, executionId }: GetRecord): Promise<LineageRecord> {
    const rows = await this.database.read<RecordRow>(RECORD_SQL, [id, executionId ?? null]);
    return lineageRecordOf(await theOnly(this.database.read, rows, id, executionId));
  }
}

/** The execution that a record is in. @throws QueryError when it is in none, or in several and none was named */
export async function executionOf(read: Read, id: string, executionId: string | undefined): Promise<string> {
  const rows = await read<{ execution_id: string }>(EXECUTION_SQL, [id, executionId ?? null]);
  return (await theOnly(read, rows, id, executionId)).execution_id;
}

async function theOnly<Row extends { execution_id: string }>(
  read: Read,
  rows: readonly Row[],
  id: string,
  executionId: string | undefined,
): Promise<Row> {
  const [row, ...more] = rows;
  if (!row) {
    const pruned = executionId === undefined ? undefined : await prunedExecution(read, executionId);
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
