import { isId } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ApiProperty } from '@nestjs/swagger';
import { Database } from '../database/database';
import { absentExecution, notPruned } from '../executions/absent-execution';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, DEFAULT_LIMIT, IdField, LimitField } from '../http/query-fields';
import { Flag, Id, NextCursor, Text, Word } from '../http/response-fields';
import type { PayloadColumn } from '../lineage/payload';

const SIDES = ['input', 'output'] as const;
type Side = (typeof SIDES)[number];

/** Bytes that a record names. */
export class NamedPayload {
  @Id()
  readonly record_id!: string;

  @Id()
  readonly execution_id!: string;

  @Text({ nullable: true, description: 'null for placeholders only' })
  readonly route_id!: string | null;

  @Text({ nullable: true, description: 'null for placeholders only' })
  readonly adapter_name!: string | null;

  @Word(SIDES, 'PayloadSide', { description: 'Whether they went in or came out' })
  readonly side!: Side;

  @ApiProperty({ type: String, pattern: '^sha256:[0-9a-f]{64}$' })
  readonly key!: string;

  @Flag('Whether something was taken out of the message before it left the service')
  readonly redacted!: boolean;

  @Text()
  readonly content_type!: string;

  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, description: 'null while they are not stored' })
  readonly bytes!: number | null;

  @Flag('Whether they are in the payload store')
  readonly stored!: boolean;
}

export class NamedPayloadPage {
  @ApiProperty({ type: () => [NamedPayload] })
  readonly items!: NamedPayload[];

  @NextCursor()
  readonly next_cursor!: string | null;
}

export class ListPayloadsRequest {
  @IdField('The execution', { required: true })
  readonly execution_id!: string;

  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** The payloads that the records of an execution name, by record and side. */
export class ListPayloads extends Query<NamedPayloadPage> {
  constructor(readonly request: ListPayloadsRequest) {
    super();
  }
}

interface Row {
  readonly id: string;
  readonly execution_id: string;
  readonly route_id: string | null;
  readonly adapter_name: string | null;
  readonly side: Side;
  readonly payload: PayloadColumn;
  readonly bytes: string | null;
}

// Served by lineage_record_payloads, which has nothing but these records, and the primary key of lineage_payload. Of the
// record at which the page before ended the output may be left: it is read again. Each has a payload, so that one record
// more than there are items is enough.
const PAYLOADS: Statement = {
  name: 'payloads of execution',
  sql: `
  SELECT r.id, r.execution_id, r.route_id, r.adapter_name, s.side, s.payload, p.bytes
  FROM (SELECT * FROM lineage_record r
        WHERE r.execution_id BETWEEN $1::uuid AND $1 AND r.id >= $2::uuid
          AND (r.input_payload IS NOT NULL OR r.output_payload IS NOT NULL)
        ORDER BY r.execution_id, r.id LIMIT $4::bigint + 1) r
  CROSS JOIN LATERAL (VALUES ('input', r.input_payload), ('output', r.output_payload)) s(side, payload)
  LEFT JOIN LATERAL (
    SELECT p.bytes FROM lineage_payload p
    WHERE p.key BETWEEN s.payload ->> 'key' AND s.payload ->> 'key' ORDER BY p.key OFFSET 0) p ON true
  WHERE s.payload IS NOT NULL AND (r.id, s.side) > ($2, $3::text)
  ORDER BY r.id, s.side LIMIT $4`,
};

// Served by the primary key.
const EXECUTION: Statement = {
  name: 'execution of payloads',
  sql: `SELECT true FROM lineage_execution x WHERE x.execution_id = $1::uuid AND ${notPruned('x.execution_id')}`,
};

type Key = readonly [id: string, side: string];
const FIRST: Key = ['00000000-0000-0000-0000-000000000000', ''];

function readKey(value: unknown): Key | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [id, side] = value as unknown[];
  return typeof id === 'string' && isId(id) && SIDES.some((known) => known === side)
    ? [id, side as string]
    : undefined;
}

@QueryHandler(ListPayloads)
export class ListPayloadsHandler implements IQueryHandler<ListPayloads> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListPayloads): Promise<NamedPayloadPage> {
    const { execution_id: executionId, limit } = request;
    const reader = this.database.reader();
    const cursors = new Cursors(['payloads', executionId], readKey);
    const behind = cursors.open(request.cursor) ?? FIRST;
    if ((await reader.rows(EXECUTION, [executionId])).length === 0)
      throw await absentExecution(reader, executionId);
    const rows = await reader.rows<Row>(PAYLOADS, [executionId, ...behind, limit + 1]);
    const page = cutPage(rows, limit, ({ id, side }) => cursors.after([id, side]));
    return { ...page, items: page.items.map(shown) };
  }
}

const shown = ({ id, execution_id, route_id, adapter_name, side, payload, bytes }: Row): NamedPayload => ({
  record_id: id,
  execution_id,
  route_id,
  adapter_name,
  side,
  key: payload.key,
  redacted: payload.redacted,
  content_type: payload.content_type,
  bytes: bytes === null ? null : Number(bytes),
  stored: bytes !== null,
});
