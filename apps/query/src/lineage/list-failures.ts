import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { CursorField, DEFAULT_LIMIT, FlagField, LimitField } from '../http/query-fields';
import type { FailurePage } from './failed-record';
import { withAttempts } from './read-attempts';
import { canonicalFilters, RecordFilters } from './record-filters';
import { readRecordPage } from './record-pages';

export class ListFailuresRequest extends RecordFilters {
  @FlagField('Groups by adapter, error class and message instead of records; without pages')
  readonly group?: boolean;

  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Failed records, the one that failed last first, each with what was tried since. */
export class ListFailures extends Query<FailurePage> {
  constructor(readonly request: ListFailuresRequest) {
    super();
  }
}

@QueryHandler(ListFailures)
export class ListFailuresHandler implements IQueryHandler<ListFailures> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListFailures): Promise<FailurePage> {
    const page = await readRecordPage(this.database, ['failures', ...canonicalFilters(request)], {
      filters: request,
      order: { time: 'completed_at', direction: 'DESC' },
      limit: request.limit,
      cursor: request.cursor,
    });
    return { ...page, items: await withAttempts(this.database.reader(), page.items) };
  }
}
