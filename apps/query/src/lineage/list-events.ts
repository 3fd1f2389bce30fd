import { EVENT_TYPES, formatTime, isId, type EventType } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ApiProperty } from '@nestjs/swagger';
import { Database } from '../database/database';
import { FROM_START } from '../database/from-start';
import { Cursors, cutPage, isTime } from '../http/cursor';
import { CursorField, DEFAULT_LIMIT, LimitField } from '../http/query-fields';
import { Count, Flag, FreeJson, Id, NextCursor, Time, Word } from '../http/response-fields';
import { executionOf, OneRecordRequest } from './get-record';

const RECORD_EVENT_TYPES = EVENT_TYPES.filter((type) => type.startsWith('record.'));
const CONFLICT_REASONS = ['earlier_event_decided', 'input_hash_differs', 'input_payload_differs'] as const;
type ConflictReason = (typeof CONFLICT_REASONS)[number];

/** Where an event comes from. */
export class EventSource {
  @Id()
  readonly recorder_id!: string;

  @Count("The event's place in the recorder's sequence, from 1")
  readonly sequence!: number;
}

/** A fact about a record as it was sent, and whether it contradicts what decided. */
export class RecordEvent {
  @Id()
  readonly event_id!: string;

  @Word(RECORD_EVENT_TYPES, 'RecordEventType')
  readonly type!: EventType;

  @Id()
  readonly execution_id!: string;

  @Id()
  readonly record_id!: string;

  @Time()
  readonly occurred_at!: string;

  @ApiProperty({ type: () => EventSource, nullable: true })
  readonly source!: EventSource | null;

  @FreeJson({ description: 'What the type of event tells, as it was sent' })
  readonly data!: Record<string, unknown>;

  @Flag('Whether the event counts in `conflicts` of the record')
  readonly conflict!: boolean;

  @Word(CONFLICT_REASONS, 'ConflictReason', {
    nullable: true,
    description:
      'earlier_event_decided: an earlier event of its kind decided, this one contributed nothing; ' +
      'input_hash_differs, input_payload_differs: it started the record with another input than was registered',
  })
  readonly conflict_reason!: ConflictReason | null;
}

export class EventPage {
  @ApiProperty({ type: () => [RecordEvent] })
  readonly items!: RecordEvent[];

  @NextCursor()
  readonly next_cursor!: string | null;
}

export class EventsRequest extends OneRecordRequest {
  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** The events of a record by (`occurred_at`, `event_id`), the order in which they decide. */
export class ListEvents extends Query<EventPage> {
  constructor(
    readonly id: string,
    readonly request: EventsRequest,
  ) {
    super();
  }
}

interface EventRow {
  readonly event_id: string;
  readonly type: EventType;
  readonly execution_id: string;
  readonly record_id: string;
  readonly occurred_at: Date;
  readonly recorder_id: string | null;
  readonly sequence: string | null;
  readonly data: Record<string, unknown>;
  readonly conflict_reason: ConflictReason | null;
}

// Served by lineage_event_record and the primary key of lineage_record. The ids of the events that decided are in the
// record; its input is that of its registration, if that had one.
const EVENTS: Statement = {
  name: 'events',
  sql: `
  SELECT e.event_id, e.type, e.execution_id, e.record_id, e.occurred_at, e.recorder_id, e.sequence, e.data,
    CASE
      WHEN e.event_id <> CASE e.type WHEN 'record.registered' THEN r.registration_event_id
        WHEN 'record.started' THEN r.start_event_id ELSE r.terminal_event_id END THEN 'earlier_event_decided'
      WHEN e.type = 'record.started' AND r.registered_at IS NOT NULL AND e.data ->> 'input_hash' <> r.input_hash
        THEN 'input_hash_differs'
      WHEN e.type = 'record.started' AND r.registered_at IS NOT NULL
        AND e.data -> 'input_payload' ->> 'key' <> r.input_payload ->> 'key' THEN 'input_payload_differs'
    END AS conflict_reason
  FROM (SELECT * FROM lineage_event e
        WHERE e.execution_id = $1::uuid AND e.record_id BETWEEN $2::uuid AND $2
          AND (e.occurred_at, e.event_id) > ($3::timestamptz, $4::uuid)
        ORDER BY e.record_id, e.occurred_at, e.event_id LIMIT $5) e
  CROSS JOIN LATERAL (SELECT * FROM lineage_record r
    WHERE r.execution_id = $1 AND r.id BETWEEN $2 AND $2 ORDER BY r.id OFFSET 0) r
  ORDER BY e.occurred_at, e.event_id`,
};

type Key = readonly [occurredAt: number, eventId: string];

function readKey(value: unknown): Key | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [occurredAt, eventId] = value as unknown[];
  return isTime(occurredAt) && typeof eventId === 'string' && isId(eventId)
    ? [occurredAt, eventId]
    : undefined;
}

@QueryHandler(ListEvents)
export class ListEventsHandler implements IQueryHandler<ListEvents> {
  constructor(private readonly database: Database) {}

  async execute({ id, request }: ListEvents): Promise<EventPage> {
    const { limit } = request;
    const reader = this.database.reader();
    const executionId = await executionOf(reader, id, request.execution_id);
    const cursors = new Cursors(['events', executionId, id], readKey);
    const key = cursors.open(request.cursor);
    const behind = key ? [formatTime(key[0]), key[1]] : FROM_START;
    const rows = await reader.rows<EventRow>(EVENTS, [executionId, id, ...behind, limit + 1]);
    const page = cutPage(rows, limit, (last) => cursors.after([last.occurred_at.getTime(), last.event_id]));
    return { ...page, items: page.items.map(recordEventOf) };
  }
}

const recordEventOf = (row: EventRow): RecordEvent => ({
  event_id: row.event_id,
  type: row.type,
  execution_id: row.execution_id,
  record_id: row.record_id,
  occurred_at: formatTime(row.occurred_at.getTime()),
  source:
    row.recorder_id === null || row.sequence === null
      ? null
      : { recorder_id: row.recorder_id, sequence: Number(row.sequence) },
  data: row.data,
  conflict: row.conflict_reason !== null,
  conflict_reason: row.conflict_reason,
});
