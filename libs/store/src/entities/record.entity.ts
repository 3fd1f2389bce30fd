import type { ErrorInfo, Metadata, RecordStatus } from '@factflow/domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

const REGISTERED = 'registered_at IS NOT NULL';
const FAILED = `status = 'failed' AND ${REGISTERED}`;

/** `lineage_record`: one message going through one adapter once. Without `registered_at` it is a placeholder. */
@Entity('lineage_record')
@Check('lineage_record_status', `status IN ('pending', 'completed', 'failed', 'cancelled')`)
@Check('lineage_record_counts', 'pending_children >= 0 AND pending_children <= children')
@Index('lineage_record_id', ['id'])
@Index('lineage_record_started', ['startedAt', 'id'], { where: REGISTERED })
@Index('lineage_record_execution_started', ['executionId', 'startedAt', 'id'], { where: REGISTERED })
@Index('lineage_record_children', ['executionId', 'parentId', 'startedAt', 'id'], {
  where: 'parent_id IS NOT NULL',
})
@Index('lineage_record_batch', ['batchId', 'startedAt', 'id'], { where: 'batch_id IS NOT NULL' })
@Index('lineage_record_failures', ['completedAt', 'id'], { where: FAILED })
@Index('lineage_record_execution_failures', ['executionId', 'completedAt', 'id'], { where: FAILED })
export class RecordEntity {
  @PrimaryColumn('uuid', { name: 'execution_id', primaryKeyConstraintName: 'lineage_record_pkey' })
  executionId!: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'lineage_record_pkey' })
  id!: string;

  @Column('text')
  status!: RecordStatus;

  @Column('text', { name: 'route_id', nullable: true })
  routeId!: string | null;

  @Column('text', { name: 'adapter_name', nullable: true })
  adapterName!: string | null;

  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId!: string | null;

  @Column('uuid', { name: 'joined_parent_ids', array: true, nullable: true })
  joinedParentIds!: string[] | null;

  @Column('uuid', { name: 'batch_id', nullable: true })
  batchId!: string | null;

  @Column('text', { name: 'input_hash', nullable: true })
  inputHash!: string | null;

  @Column('text', { name: 'output_hash', nullable: true })
  outputHash!: string | null;

  @Column('jsonb', { nullable: true })
  error!: ErrorInfo | null;

  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: string | null;

  @Column('boolean')
  started!: boolean;

  @Column('timestamp with time zone', { name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column('timestamp with time zone', { name: 'completed_at', precision: 3, nullable: true })
  completedAt!: Date | null;

  @Column('timestamp with time zone', { name: 'registered_at', precision: 3, nullable: true })
  registeredAt!: Date | null;

  @Column('uuid', { name: 'retry_of', nullable: true })
  retryOf!: string | null;

  @Column('uuid', { name: 'replay_of_record', nullable: true })
  replayOfRecord!: string | null;

  @Column('jsonb', { nullable: true })
  metadata!: Metadata | null;

  @Column('integer')
  conflicts!: number;

  /** registered children */
  @Column('integer')
  children!: number;

  /** registered children that have not settled */
  @Column('integer', { name: 'pending_children' })
  pendingChildren!: number;

  @Column('uuid', { name: 'registration_event_id', nullable: true })
  registrationEventId!: string | null;

  @Column('timestamp with time zone', { name: 'start_at', precision: 3, nullable: true })
  startAt!: Date | null;

  @Column('uuid', { name: 'start_event_id', nullable: true })
  startEventId!: string | null;

  @Column('uuid', { name: 'terminal_event_id', nullable: true })
  terminalEventId!: string | null;
}
