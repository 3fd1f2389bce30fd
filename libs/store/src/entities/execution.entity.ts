import type { ErrorInfo, ExecutionStatus, Metadata } from '@factflow/domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** `lineage_execution`: one run of a pipeline with the counts of its records. */
@Entity('lineage_execution')
@Check('lineage_execution_status', `status IN ('running', 'completed', 'failed', 'cancelled')`)
@Check(
  'lineage_execution_counts',
  'pending >= 0 AND completed >= 0 AND failed >= 0 AND cancelled >= 0 AND unsettled >= 0 AND placeholders >= 0',
)
@Index('lineage_execution_started', ['startedAt', 'id'])
export class ExecutionEntity {
  @PrimaryColumn('uuid', { name: 'execution_id', primaryKeyConstraintName: 'lineage_execution_pkey' })
  id!: string;

  @Column('text')
  status!: ExecutionStatus;

  @Column('text', { nullable: true })
  name!: string | null;

  @Column('uuid', { name: 'replay_of', nullable: true })
  replayOf!: string | null;

  @Column('text', { name: 'from_stage', nullable: true })
  fromStage!: string | null;

  @Column('jsonb', { nullable: true })
  metadata!: Metadata | null;

  @Column('jsonb', { nullable: true })
  error!: ErrorInfo | null;

  /** of `execution.started`, else of the earliest event */
  @Column('timestamp with time zone', { name: 'started_at', precision: 3 })
  startedAt!: Date;

  @Column('timestamp with time zone', { name: 'completed_at', precision: 3, nullable: true })
  completedAt!: Date | null;

  @Column('timestamp with time zone', { name: 'first_event_at', precision: 3 })
  firstEventAt!: Date;

  @Column('uuid', { name: 'start_event_id', nullable: true })
  startEventId!: string | null;

  @Column('uuid', { name: 'terminal_event_id', nullable: true })
  terminalEventId!: string | null;

  /** registered records by status */
  @Column('bigint')
  pending!: string;

  @Column('bigint')
  completed!: string;

  @Column('bigint')
  failed!: string;

  @Column('bigint')
  cancelled!: string;

  /** registered records that have not settled */
  @Column('bigint')
  unsettled!: string;

  @Column('bigint')
  placeholders!: string;
}
