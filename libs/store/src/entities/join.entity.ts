import { Entity, PrimaryColumn } from 'typeorm';

/** `lineage_join`: an edge from a further parent to a join; `lineage_record.parent_id` holds all other edges. */
@Entity('lineage_join')
export class JoinEntity {
  @PrimaryColumn('uuid', { name: 'execution_id', primaryKeyConstraintName: 'lineage_join_pkey' })
  executionId!: string;

  @PrimaryColumn('uuid', { name: 'parent_id', primaryKeyConstraintName: 'lineage_join_pkey' })
  parentId!: string;

  @PrimaryColumn('uuid', { name: 'child_id', primaryKeyConstraintName: 'lineage_join_pkey' })
  childId!: string;
}
