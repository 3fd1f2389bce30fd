import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, LimitField, WordField, DEFAULT_LIMIT } from '../http/query-fields';
import { lineageRecordOf, RECORD_COLUMNS, type RecordPage, type RecordRow } from './lineage-record';
import { canonicalFilters, conditionsOf, Parameters, RecordFilters } from './record-filters';
import { behindKey, readRecordKey, type RecordKey } from './record-key';

const SORTS = ['started_at', '-started_at'] as const;
const NARROW = 'name an execution_id, or a shorter time with started_after and started_before';

export class ListRecordsRequest extends RecordFilters {
  @WordField(
    SORTS,
    'Oldest first, or newest first (-); records of one time by id, in the same direction',
    '-started_at',
  )
  readonly sort: (typeof SORTS)[number] = '-started_at';

  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Registered records that match a filter. */
export class ListRecords extends Query<RecordPage> {
  constructor(readonly request: ListRecordsRequest) {
    super();
  }
}

const keyOf = (row: RecordRow): RecordKey => [row.started_at?.getTime() ?? 0, row.id, row.execution_id];

// Served by lineage_record_execution_started when an execution is named, by lineage_record_batch or
// lineage_record_children when the filter names one of those, else by lineage_record_started.
const listSql = (conditions: readonly string[], order: 'ASC' | 'DESC', limit: string): string => `
  SELECT ${RECORD_COLUMNS} FROM lineage_record r
  WHERE ${conditions.join(' AND ')}
  ORDER BY r.started_at ${order}, r.id ${order}, r.execution_id ${order}
  LIMIT ${limit}`;

@QueryHandler(ListRecords)
export class ListRecordsHandler implements IQueryHandler<ListRecords> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListRecords): Promise<RecordPage> {
    const { sort, limit } = request;
    const cursors = new Cursors(['lineage', sort, ...canonicalFilters(request)], readRecordKey);
    const key = cursors.open(request.cursor);
    const parameters = new Parameters();
    const conditions = conditionsOf(request, parameters);
    if (key) conditions.push(behindKey('started_at', sort === 'started_at' ? '>' : '<', key, parameters));
    const sql = listSql(conditions, sort === 'started_at' ? 'ASC' : 'DESC', parameters.add(limit + 1));
    const rows = await this.database.read<RecordRow>(sql, parameters.values, NARROW);
    const page = cutPage(rows, limit, (last) => cursors.after(keyOf(last)));
    return { ...page, items: page.items.map(lineageRecordOf) };
  }
}
