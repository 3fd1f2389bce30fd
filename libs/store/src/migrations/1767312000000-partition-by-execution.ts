import type { MigrationInterface, QueryRunner } from 'typeorm';

// What was one table becomes the default partition of a table of the same name: it keeps its rows, and takes those no
// other partition wants. Indexes are made on the partitioned table, which makes them on every partition.
const TABLES: readonly { readonly name: string; readonly key: string }[] = [
  { name: 'lineage_event', key: 'execution_id, event_id' },
  { name: 'lineage_record', key: 'execution_id, id' },
  { name: 'lineage_join', key: 'execution_id, parent_id, child_id' },
  { name: 'lineage_execution', key: 'execution_id' },
  { name: 'lineage_statistics', key: 'execution_id, route_id, adapter_name' },
];

const OLD_INDEXES = [
  'lineage_event_record',
  'lineage_record_id',
  'lineage_record_started',
  'lineage_record_execution_started',
  'lineage_record_children',
  'lineage_record_batch',
  'lineage_record_failures',
  'lineage_record_execution_failures',
  'lineage_execution_started',
];

const NEW_COLUMNS = [
  // Retention goes by the last thing that happened in an execution.
  `ALTER TABLE lineage_execution ADD COLUMN last_event_at timestamptz(3)`,
  `UPDATE lineage_execution x SET last_event_at = e.last
   FROM (SELECT execution_id, max(occurred_at) AS last FROM lineage_event GROUP BY execution_id) e
   WHERE e.execution_id = x.execution_id`,
  `ALTER TABLE lineage_execution ALTER COLUMN last_event_at SET NOT NULL`,
  `ALTER TABLE lineage_record ADD COLUMN completion text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN registered_at IS NULL THEN 'unknown' WHEN status <> 'completed' THEN status
      WHEN pending_children = 0 THEN 'done' ELSE 'awaiting_children' END) STORED`,
];

const partitioned = ({ name, key }: (typeof TABLES)[number]): string[] => [
  `ALTER TABLE ${name} RENAME TO ${name}_default`,
  `ALTER TABLE ${name}_default RENAME CONSTRAINT ${name}_pkey TO ${name}_default_pkey`,
  `CREATE TABLE ${name} (LIKE ${name}_default INCLUDING CONSTRAINTS INCLUDING GENERATED) PARTITION BY RANGE (execution_id)`,
  `ALTER TABLE ${name} ADD CONSTRAINT ${name}_pkey PRIMARY KEY (${key})`,
  `ALTER TABLE ${name} ATTACH PARTITION ${name}_default DEFAULT`,
];

// Every list is in the order (time, id, execution_id), so that an index that begins with what a list is narrowed by
// serves it without a sort. What makes writing dear is index entries: a record is written when it is registered and again
// when it ends, and a row that changes what any index mentions gets new entries in all. So records that have not ended
// are in few indexes: by status, beside the keys and the children. A list that is narrowed by anything else looks at
// them one by one; those that have ended it finds by an index of their own. And no index mentions what changes when
// children do, completion included: what awaits its children is found through its status, in executions that have not
// settled. A hash is indexed by eight bytes of a hash of it: of its 71 characters none is likelier than another, and two
// that meet there are told apart by the row.
const REGISTERED = 'WHERE registered_at IS NOT NULL';
const ENDED = `WHERE registered_at IS NOT NULL AND status <> 'pending'`;
const FAILED = `WHERE registered_at IS NOT NULL AND status = 'failed'`;
const BY_TIME = 'started_at, id, execution_id';
const INDEXES = [
  `lineage_event_record ON lineage_event (execution_id, record_id, occurred_at, event_id)`,
  `lineage_record_id ON lineage_record (id)`,
  `lineage_record_children ON lineage_record (execution_id, parent_id, started_at, id) WHERE parent_id IS NOT NULL`,
  `lineage_record_status ON lineage_record (status, ${BY_TIME}) ${REGISTERED}`,
  `lineage_record_route ON lineage_record (route_id, ${BY_TIME}) ${ENDED}`,
  `lineage_record_adapter ON lineage_record (adapter_name, ${BY_TIME}) ${ENDED}`,
  `lineage_record_batch ON lineage_record (batch_id, ${BY_TIME}) ${ENDED} AND batch_id IS NOT NULL`,
  `lineage_record_input ON lineage_record (hashtextextended(input_hash, 0), ${BY_TIME}) ${ENDED} AND input_hash IS NOT NULL`,
  `lineage_record_output ON lineage_record (hashtextextended(output_hash, 0), ${BY_TIME}) ${ENDED} AND output_hash IS NOT NULL`,
  `lineage_record_failures ON lineage_record (completed_at, id, execution_id) ${FAILED}`,
  `lineage_record_execution_status ON lineage_record (execution_id, status, started_at, id) ${REGISTERED}`,
  `lineage_record_execution_route ON lineage_record (execution_id, route_id, started_at, id) ${ENDED}`,
  `lineage_record_execution_adapter ON lineage_record (execution_id, adapter_name, started_at, id) ${ENDED}`,
  `lineage_record_execution_failures ON lineage_record (execution_id, completed_at, id) ${FAILED}`,
  `lineage_execution_started ON lineage_execution (started_at, execution_id)`,
  `lineage_execution_unsettled ON lineage_execution (execution_id) WHERE unsettled > 0`,
];

/** Partitions all tables by execution, so that old ones go by dropping tables, and indexes every filter of a list. */
export class PartitionByExecution1767312000000 implements MigrationInterface {
  readonly name = 'PartitionByExecution1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...OLD_INDEXES.map((name) => `DROP INDEX ${name}`),
      ...NEW_COLUMNS,
      ...TABLES.flatMap(partitioned),
      ...INDEXES.map((index) => `CREATE INDEX ${index}`),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
