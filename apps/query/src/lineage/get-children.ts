import { formatTime } from '@factflow/domain';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { unknownToPlanner } from '../database/unknown-to-planner';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, DEFAULT_LIMIT, LimitField } from '../http/query-fields';
import { executionOf, OneRecordRequest } from './get-record';
import { lineageRecordOf, RECORD_COLUMNS, type RecordPage, type RecordRow } from './lineage-record';
import { readRecordKey, type RecordKey } from './record-key';

export class ChildrenRequest extends OneRecordRequest {
  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** The records one step below a record, joins included, oldest first. */
export class GetChildren extends Query<RecordPage> {
  constructor(
    readonly id: string,
    readonly request: ChildrenRequest,
  ) {
    super();
  }
}

// Served by lineage_record_children; joins by the primary keys of lineage_join and lineage_record. Only a registration
// names parents, so that every child has a start.
const EXECUTION = unknownToPlanner('$1::uuid');
const CHILDREN_SQL = `
  SELECT ${RECORD_COLUMNS} FROM (
    (SELECT c.id FROM lineage_record c
     WHERE c.execution_id = ${EXECUTION} AND c.parent_id BETWEEN $2 AND $2 AND ($3::timestamptz IS NULL OR (c.started_at, c.id) > ($3, $4::uuid))
     ORDER BY c.parent_id, c.started_at, c.id LIMIT $5)
    UNION
    (SELECT c.id FROM lineage_join j JOIN lineage_record c ON c.execution_id = j.execution_id AND c.id = j.child_id
     WHERE j.execution_id = ${EXECUTION} AND j.parent_id = $2 AND ($3::timestamptz IS NULL OR (c.started_at, c.id) > ($3, $4::uuid))
     ORDER BY c.started_at, c.id LIMIT $5)
  ) child CROSS JOIN LATERAL (
    SELECT * FROM lineage_record r WHERE r.execution_id = ${EXECUTION} AND r.id = child.id OFFSET 0) r
  ORDER BY r.started_at, r.id LIMIT $5`;

const keyOf = (row: RecordRow): RecordKey => [row.started_at?.getTime() ?? 0, row.id, row.execution_id];

@QueryHandler(GetChildren)
export class GetChildrenHandler implements IQueryHandler<GetChildren> {
  constructor(private readonly database: Database) {}

  async execute({ id, request }: GetChildren): Promise<RecordPage> {
    const { limit } = request;
    const executionId = await executionOf(this.database.read, id, request.execution_id);
    const cursors = new Cursors(['children', executionId, id], readRecordKey);
    const [after, afterId] = cursors.open(request.cursor) ?? [];
    const rows = await this.database.read<RecordRow>(CHILDREN_SQL, [
      executionId,
      id,
      after === undefined ? null : formatTime(after),
      afterId ?? null,
      limit + 1,
    ]);
    const page = cutPage(rows, limit, (last) => cursors.after(keyOf(last)));
    return { ...page, items: page.items.map(lineageRecordOf) };
  }
}
