import { isId, RECORDER_STATES } from '@factflow/domain';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { Cursors, cutPage } from '../http/cursor';
import {
  CursorField,
  DEFAULT_LIMIT,
  LimitField,
  SetField,
  TextField,
  type WordSet,
} from '../http/query-fields';
import { COLUMNS, recorderOf, STATE, type RecorderPage, type RecorderRow } from './recorder';

export class ListRecordersRequest {
  @TextField('Recorders of this service')
  readonly service?: string;

  @SetField(RECORDER_STATES, 'RecorderStateFilter', 'Recorders in one of these states, separated by commas')
  readonly state?: WordSet;

  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Recorders by id, the last one first: ids of version 7 go by the time at which they were made. */
export class ListRecorders extends Query<RecorderPage> {
  constructor(readonly request: ListRecordersRequest) {
    super();
  }
}

// Served by the primary key, and lineage_recorder_service where a service is named. States change by themselves: they are
// looked at row by row.
const RECORDERS_SQL = `
  SELECT ${COLUMNS} FROM lineage_recorder o
  WHERE ($1::text IS NULL OR o.service = $1) AND ($2::text[] IS NULL OR ${STATE} = ANY($2))
    AND ($3::uuid IS NULL OR o.recorder_id < $3)
  ORDER BY o.recorder_id DESC LIMIT $4`;
const NARROW = 'a service';

const readKey = (value: unknown): string | undefined =>
  typeof value === 'string' && isId(value) ? value : undefined;

@QueryHandler(ListRecorders)
export class ListRecordersHandler implements IQueryHandler<ListRecorders> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListRecorders): Promise<RecorderPage> {
    const { limit } = request;
    const filters = [request.service ?? null, request.state?.words ?? null];
    const cursors = new Cursors(['recorders', ...filters], readKey);
    const parameters = [...filters, cursors.open(request.cursor) ?? null, limit + 1];
    const rows = await this.database.read<RecorderRow>(RECORDERS_SQL, parameters, NARROW);
    const page = cutPage(rows, limit, (last) => cursors.after(last.recorder_id));
    return { ...page, items: page.items.map(recorderOf) };
  }
}
