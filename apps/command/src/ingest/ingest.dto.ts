import { EVENT_TYPES, type EventType, type RejectionCode } from '@factflow/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const CODES: readonly RejectionCode[] = [
  'malformed_json',
  'invalid_event',
  'too_large',
  'unknown_type',
  'event_id_conflict',
  'unstorable',
  'pruned',
];

export class EventSourceDto {
  @ApiProperty({ format: 'uuid' })
  recorder_id!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'place in the recorder’s sequence, without gaps' })
  sequence!: number;
}

export class EventDto {
  @ApiProperty({ format: 'uuid', description: 'identifies the event within its execution' })
  event_id!: string;

  @ApiProperty({ enum: EVENT_TYPES })
  type!: EventType;

  @ApiProperty({ format: 'uuid' })
  execution_id!: string;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'of record.* events, which need it',
  })
  record_id?: string | null;

  @ApiProperty({ format: 'date-time', description: 'cut to whole milliseconds UTC' })
  occurred_at!: string;

  @ApiPropertyOptional()
  source?: EventSourceDto;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'depends on the type; needed by execution.failed, record.registered and record.failed',
  })
  data?: Record<string, unknown> | null;
}

export class RejectionDto {
  @ApiProperty({ type: 'integer', description: 'element or line of the request, from 0; blank lines count' })
  index!: number;

  @ApiProperty({ type: String, nullable: true, description: 'as sent, null when it could not be read' })
  event_id!: string | null;

  @ApiProperty({ enum: CODES })
  code!: RejectionCode;

  @ApiProperty({ description: 'what is wrong, beginning with the field where there is one' })
  message!: string;
}

export class AppendReportDto {
  @ApiProperty({ type: 'integer', description: 'events that are stored now and were not before' })
  accepted!: number;

  @ApiProperty({ type: 'integer', description: 'events that were stored before' })
  duplicates!: number;

  @ApiProperty({ type: [RejectionDto] })
  rejected!: RejectionDto[];
}
