import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, DEFAULT_LIMIT, LimitField } from '../http/query-fields';
import { lineageRecordOf, RECORD_COLUMNS, type RecordPage, type RecordRow } from './lineage-record';
import { canonicalFilters, conditionsOf, Parameters, RecordFilters } from './record-filters';
import { behindKey, readRecordKey, type RecordKey } from './record-key';

const NARROW = 'name an execution_id, or a shorter time with started_after and started_before';

export class ListFailuresRequest extends RecordFilters {
  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Failed records, the one that failed last first. */
export class ListFailures extends Query<RecordPage> {
  constructor(readonly request: ListFailuresRequest) {
    super();
  }
}

const keyOf = (row: RecordRow): RecordKey => [row.completed_at?.getTime() ?? 0, row.id, row.execution_id];

// Served by lineage_record_failures, or by lineage_record_execution_failures when an execution is named.
const failuresSql = (conditions: readonly string[], limit: string): string => `
  SELECT ${RECORD_COLUMNS} FROM lineage_record r
  WHERE r.status = 'failed' AND ${conditions.join(' AND ')}
  ORDER BY r.completed_at DESC, r.id DESC, r.execution_id DESC
  LIMIT ${limit}`;

@QueryHandler(ListFailures)
export class ListFailuresHandler implements IQueryHandler<ListFailures> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListFailures): Promise<RecordPage> {
    const { limit } = request;
    const cursors = new Cursors(['failures', ...canonicalFilters(request)], readRecordKey);
    const key = cursors.open(request.cursor);
    const parameters = new Parameters();
    const conditions = conditionsOf(request, parameters);
    if (key) conditions.push(behindKey('completed_at', '<', key, parameters));
    const sql = failuresSql(conditions, parameters.add(limit + 1));
    const rows = await this.database.read<RecordRow>(sql, parameters.values, NARROW);
    const page = cutPage(rows, limit, (last) => cursors.after(keyOf(last)));
    return { ...page, items: page.items.map(lineageRecordOf) };
  }
}
