import { formatTime } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { FROM_START } from '../database/from-start';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, DEFAULT_LIMIT, LimitField } from '../http/query-fields';
import { executionOf, OneRecordRequest } from './get-record';
import { RECORD_COLUMNS, type RecordPage, type RecordRow } from './lineage-record';
import { readRecordKey, recordKeyOf } from './record-key';
import { lineageRecordsOf } from './stalled';

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
// names parents, so that every child has a start. No plan may depend on how many records the planner believes an execution
// or a parent to have: ranges of one value, in an order that one index has, and `OFFSET 0` see to that.
const CHILDREN: Statement = {
  name: 'children',
  sql: `
  SELECT ${RECORD_COLUMNS} FROM (
    (SELECT c.id FROM lineage_record c
     WHERE c.execution_id = $1::uuid AND c.parent_id BETWEEN $2::uuid AND $2
       AND (c.started_at, c.id) > ($3::timestamptz, $4::uuid)
     ORDER BY c.parent_id, c.started_at, c.id LIMIT $5)
    UNION
    (SELECT joined.id FROM (
       SELECT c.id, c.started_at
       FROM (SELECT j.child_id FROM lineage_join j
             WHERE j.execution_id = $1 AND j.parent_id BETWEEN $2 AND $2 ORDER BY j.parent_id OFFSET 0) j
       CROSS JOIN LATERAL (SELECT r.id, r.started_at FROM lineage_record r
         WHERE r.execution_id = $1 AND r.id BETWEEN j.child_id AND j.child_id ORDER BY r.id OFFSET 0) c
       WHERE (c.started_at, c.id) > ($3, $4) OFFSET 0) joined
     ORDER BY joined.started_at, joined.id LIMIT $5)
  ) child CROSS JOIN LATERAL (
    SELECT * FROM lineage_record r
    WHERE r.execution_id = $1 AND r.id BETWEEN child.id AND child.id ORDER BY r.id OFFSET 0) r
  ORDER BY r.started_at, r.id LIMIT $5`,
};

@QueryHandler(GetChildren)
export class GetChildrenHandler implements IQueryHandler<GetChildren> {
  constructor(private readonly database: Database) {}

  async execute({ id, request }: GetChildren): Promise<RecordPage> {
    const { limit } = request;
    const reader = this.database.reader();
    const executionId = await executionOf(reader, id, request.execution_id);
    const cursors = new Cursors(['children', executionId, id], readRecordKey);
    const key = cursors.open(request.cursor);
    const behind = key ? [formatTime(key[0]), key[1]] : FROM_START;
    const rows = await reader.rows<RecordRow>(CHILDREN, [executionId, id, ...behind, limit + 1]);
    const page = cutPage(rows, limit, (last) => cursors.after(recordKeyOf(last, 'started_at')));
    return { ...page, items: await lineageRecordsOf(reader, page.items) };
  }
}
