import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `lineage_statistics`: sums over the registered records of one route and adapter of an execution. */
@Entity('lineage_statistics')
export class StatisticsEntity {
  @PrimaryColumn('uuid', { name: 'execution_id', primaryKeyConstraintName: 'lineage_statistics_pkey' })
  executionId!: string;

  @PrimaryColumn('text', { name: 'route_id', primaryKeyConstraintName: 'lineage_statistics_pkey' })
  routeId!: string;

  @PrimaryColumn('text', { name: 'adapter_name', primaryKeyConstraintName: 'lineage_statistics_pkey' })
  adapterName!: string;

  /** records by completion */
  @Column('bigint')
  pending!: string;

  @Column('bigint', { name: 'awaiting_children' })
  awaitingChildren!: string;

  @Column('bigint')
  done!: string;

  @Column('bigint')
  failed!: string;

  @Column('bigint')
  cancelled!: string;

  /** sum of the durations of ended records */
  @Column('numeric', { name: 'duration_ms' })
  durationMs!: string;

  /** ended records by bucket of their duration */
  @Column('jsonb')
  durations!: Record<string, number>;
}
