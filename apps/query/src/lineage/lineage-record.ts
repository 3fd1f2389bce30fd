import {
  COMPLETIONS,
  formatTime,
  RECORD_STATUSES,
  type Completion,
  type ErrorInfo,
  type Metadata,
  type RecordStatus,
} from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import { ErrorDetails, errorDetailsOf } from '../http/error-details';
import { Count, Flag, FreeJson, Id, NextCursor, Text, Time, Word } from '../http/response-fields';
import { Payload, shownPayload, type PayloadColumn } from './payload';

export const SHOWN_STATUSES = [...RECORD_STATUSES, 'unknown'] as const;
export const SHOWN_COMPLETIONS = [...COMPLETIONS, 'unknown'] as const;

/** A record as the API shows it. */
export class LineageRecord {
  @Id()
  readonly id!: string;

  @Id()
  readonly execution_id!: string;

  @Text({ nullable: true, description: 'null for placeholders only' })
  readonly route_id!: string | null;

  @Text({ nullable: true, description: 'null for placeholders only' })
  readonly adapter_name!: string | null;

  @Id({ nullable: true })
  readonly parent_id!: string | null;

  @Word(SHOWN_STATUSES, 'RecordStatus', {
    description:
      'What became of the record itself; `unknown` for a placeholder: mentioned but not registered',
  })
  readonly status!: RecordStatus | 'unknown';

  @Text({ nullable: true })
  readonly input_hash!: string | null;

  @Text({ nullable: true })
  readonly output_hash!: string | null;

  @ApiProperty({
    type: () => Payload,
    nullable: true,
    description: 'The bytes that went in; null: not captured',
  })
  readonly input_payload!: Payload | null;

  @ApiProperty({
    type: () => Payload,
    nullable: true,
    description: 'The bytes that came out; null: not captured',
  })
  readonly output_payload!: Payload | null;

  @ApiProperty({ type: () => ErrorDetails, nullable: true })
  readonly error!: ErrorDetails | null;

  @Time({ nullable: true, description: 'null for placeholders only' })
  readonly started_at!: string | null;

  @Time({ nullable: true })
  readonly completed_at!: string | null;

  @Id({ nullable: true })
  readonly batch_id!: string | null;

  @FreeJson({ nullable: true })
  readonly metadata!: Metadata | null;

  @Count('Registered children that have not settled')
  readonly pending_children!: number;

  @Word(SHOWN_COMPLETIONS, 'Completion', {
    description: 'What the record amounts to with everything below it; `done` is the only word for done',
  })
  readonly completion!: Completion;

  @ApiProperty({
    type: String,
    format: 'uuid',
    isArray: true,
    nullable: true,
    description: 'Parents of a join',
  })
  readonly joined_parent_ids!: string[] | null;

  @Time({ nullable: true, description: 'null: the record is a placeholder' })
  readonly registered_at!: string | null;

  @Flag('Whether the adapter began; `started_at` of a record that did not is `registered_at`')
  readonly started!: boolean;

  @Text({ nullable: true })
  readonly cancel_reason!: string | null;

  @Id({ nullable: true, description: 'The attempt this one repeats' })
  readonly retry_of!: string | null;

  @Id({ nullable: true, description: 'The record of another execution this one replays' })
  readonly replay_of_record!: string | null;

  @Count('Facts that contradict the ones that decided; see the events of the record')
  readonly conflicts!: number;

  @Flag('Whether it is pending under a recorder that is gone: nothing may ever end it')
  readonly stalled!: boolean;
}

/** Some of the records that a question is about. */
export class RecordPage {
  @ApiProperty({ type: () => [LineageRecord] })
  readonly items!: LineageRecord[];

  @NextCursor()
  readonly next_cursor!: string | null;
}

/** `lineage_record` as it is read. */
export interface RecordRow {
  readonly id: string;
  readonly execution_id: string;
  readonly route_id: string | null;
  readonly adapter_name: string | null;
  readonly parent_id: string | null;
  readonly status: RecordStatus;
  readonly input_hash: string | null;
  readonly output_hash: string | null;
  readonly input_payload: PayloadColumn | null;
  readonly output_payload: PayloadColumn | null;
  readonly error: ErrorInfo | null;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly batch_id: string | null;
  readonly metadata: Metadata | null;
  readonly pending_children: number;
  readonly completion: Completion;
  readonly joined_parent_ids: string[] | null;
  readonly registered_at: Date | null;
  readonly started: boolean;
  readonly cancel_reason: string | null;
  readonly retry_of: string | null;
  readonly replay_of_record: string | null;
  readonly conflicts: number;
  /** the start, or the registration while there is none */
  readonly deciding_event_id: string | null;
}

/** The columns of a {@link RecordRow}; the table goes by the name `r`. */
export const RECORD_COLUMNS = `r.id, r.execution_id, r.route_id, r.adapter_name, r.parent_id, r.status, r.input_hash,
  r.output_hash, r.input_payload, r.output_payload, r.error, r.started_at, r.completed_at, r.batch_id, r.metadata,
  r.pending_children, r.completion, r.joined_parent_ids, r.registered_at, r.started, r.cancel_reason, r.retry_of, r.replay_of_record,
  r.conflicts, coalesce(r.start_event_id, r.registration_event_id) AS deciding_event_id`;

export const timeOf = (time: Date | null): string | null => time && formatTime(time.getTime());

/** What is known of records beside their rows. */
export interface BesideRows {
  readonly stalled: ReadonlySet<RecordRow>;
  /** keys of payloads */
  readonly stored: ReadonlySet<string>;
}

/** A row as the API shows it. */
export function lineageRecordOf(row: RecordRow, { stalled, stored }: BesideRows): LineageRecord {
  const { input_payload: input, output_payload: output } = row;
  return {
    id: row.id,
    execution_id: row.execution_id,
    route_id: row.route_id,
    adapter_name: row.adapter_name,
    parent_id: row.parent_id,
    status: row.completion === 'unknown' ? 'unknown' : row.status,
    input_hash: row.input_hash,
    output_hash: row.output_hash,
    input_payload: input && shownPayload(input, stored.has(input.key)),
    output_payload: output && shownPayload(output, stored.has(output.key)),
    error: errorDetailsOf(row.error),
    started_at: timeOf(row.started_at),
    completed_at: timeOf(row.completed_at),
    batch_id: row.batch_id,
    metadata: row.metadata,
    pending_children: row.pending_children,
    completion: row.completion,
    joined_parent_ids: row.joined_parent_ids,
    registered_at: timeOf(row.registered_at),
    started: row.started,
    cancel_reason: row.cancel_reason,
    retry_of: row.retry_of,
    replay_of_record: row.replay_of_record,
    conflicts: row.conflicts,
    stalled: stalled.has(row),
  };
}
