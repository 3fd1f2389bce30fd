import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { CursorField, DEFAULT_LIMIT, LimitField } from '../http/query-fields';
import type { RecordPage } from './lineage-record';
import { canonicalFilters, RecordFilters } from './record-filters';
import { readRecordPage } from './record-pages';

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

@QueryHandler(ListFailures)
export class ListFailuresHandler implements IQueryHandler<ListFailures> {
  constructor(private readonly database: Database) {}

  execute({ request }: ListFailures): Promise<RecordPage> {
    return readRecordPage(this.database, ['failures', ...canonicalFilters(request)], {
      filters: request,
      order: { time: 'completed_at', direction: 'DESC' },
      limit: request.limit,
      cursor: request.cursor,
    });
  }
}
