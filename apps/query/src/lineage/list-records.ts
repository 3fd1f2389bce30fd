import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { CursorField, LimitField, WordField, DEFAULT_LIMIT } from '../http/query-fields';
import type { RecordPage } from './lineage-record';
import { canonicalFilters, RecordFilters } from './record-filters';
import { readRecordPage } from './record-pages';

const SORTS = ['started_at', '-started_at'] as const;

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

@QueryHandler(ListRecords)
export class ListRecordsHandler implements IQueryHandler<ListRecords> {
  constructor(private readonly database: Database) {}

  execute({ request }: ListRecords): Promise<RecordPage> {
    const { sort, limit, cursor } = request;
    return readRecordPage(this.database, ['lineage', sort, ...canonicalFilters(request)], {
      filters: request,
      order: { time: 'started_at', direction: sort === 'started_at' ? 'ASC' : 'DESC' },
      limit,
      cursor,
    });
  }
}
