import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** `lineage_event`: the log of facts, the only source of truth. */
@Entity('lineage_event')
@Index('lineage_event_record', ['executionId', 'recordId', 'occurredAt', 'eventId'])
export class EventEntity {
  @PrimaryColumn('uuid', { name: 'execution_id', primaryKeyConstraintName: 'lineage_event_pkey' })
  executionId!: string;

  @PrimaryColumn('uuid', { name: 'event_id', primaryKeyConstraintName: 'lineage_event_pkey' })
  eventId!: string;

  @Column('text')
  type!: string;

  @Column('uuid', { name: 'record_id', nullable: true })
  recordId!: string | null;

  @Column('timestamp with time zone', { name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  @Column('uuid', { name: 'recorder_id', nullable: true })
  recorderId!: string | null;

  /** place in the recorder's sequence, from 1 */
  @Column('bigint', { nullable: true })
  sequence!: string | null;

  /** `data` of the wire format */
  @Column('json')
  data!: Record<string, unknown>;
}
