import type { MigrationInterface, QueryRunner } from 'typeorm';

// execution_id leads every primary key and unique constraint, and every statement on the way in names it, so that the
// tables can be partitioned by execution. No index mentions pending_children, the column that changes most, and pages
// keep room for the new version of a row: counting up and down writes no index entry.
const STATEMENTS = [
  `CREATE TABLE lineage_event (
    execution_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    record_id uuid,
    occurred_at timestamptz(3) NOT NULL,
    recorder_id uuid,
    sequence bigint,
    data json NOT NULL,
    CONSTRAINT lineage_event_pkey PRIMARY KEY (execution_id, event_id)
  )`,
  `CREATE INDEX lineage_event_record ON lineage_event (execution_id, record_id, occurred_at, event_id)`,

  `CREATE TABLE lineage_record (
    execution_id uuid NOT NULL,
    id uuid NOT NULL,
    status text NOT NULL,
    route_id text,
    adapter_name text,
    parent_id uuid,
    joined_parent_ids uuid[],
    batch_id uuid,
    input_hash text,
    output_hash text,
    error jsonb,
    cancel_reason text,
    started boolean NOT NULL,
    started_at timestamptz(3),
    completed_at timestamptz(3),
    registered_at timestamptz(3),
    retry_of uuid,
    replay_of_record uuid,
    metadata jsonb,
    conflicts integer NOT NULL,
    children integer NOT NULL,
    pending_children integer NOT NULL,
    registration_event_id uuid,
    start_at timestamptz(3),
    start_event_id uuid,
    terminal_event_id uuid,
    CONSTRAINT lineage_record_pkey PRIMARY KEY (execution_id, id),
    CONSTRAINT lineage_record_status CHECK (status IN ('pending', 'completed', 'failed', 'cancelled')),
    CONSTRAINT lineage_record_counts CHECK (pending_children >= 0 AND pending_children <= children)
  ) WITH (fillfactor = 80)`,
  // Rows without registered_at are placeholders: only look-ups by id and traces see them.
  `CREATE INDEX lineage_record_id ON lineage_record (id)`,
  `CREATE INDEX lineage_record_started ON lineage_record (started_at, id) WHERE registered_at IS NOT NULL`,
  `CREATE INDEX lineage_record_execution_started ON lineage_record (execution_id, started_at, id) WHERE registered_at IS NOT NULL`,
  `CREATE INDEX lineage_record_children ON lineage_record (execution_id, parent_id, started_at, id) WHERE parent_id IS NOT NULL`,
  `CREATE INDEX lineage_record_batch ON lineage_record (batch_id, started_at, id) WHERE batch_id IS NOT NULL`,
  `CREATE INDEX lineage_record_failures ON lineage_record (completed_at, id) WHERE status = 'failed' AND registered_at IS NOT NULL`,
  `CREATE INDEX lineage_record_execution_failures ON lineage_record (execution_id, completed_at, id) WHERE status = 'failed' AND registered_at IS NOT NULL`,

  `CREATE TABLE lineage_join (
    execution_id uuid NOT NULL,
    parent_id uuid NOT NULL,
    child_id uuid NOT NULL,
    CONSTRAINT lineage_join_pkey PRIMARY KEY (execution_id, parent_id, child_id)
  )`,

  `CREATE TABLE lineage_execution (
    execution_id uuid NOT NULL,
    status text NOT NULL,
    name text,
    replay_of uuid,
    from_stage text,
    metadata jsonb,
    error jsonb,
    started_at timestamptz(3) NOT NULL,
    completed_at timestamptz(3),
    first_event_at timestamptz(3) NOT NULL,
    start_event_id uuid,
    terminal_event_id uuid,
    pending bigint NOT NULL,
    completed bigint NOT NULL,
    failed bigint NOT NULL,
    cancelled bigint NOT NULL,
    unsettled bigint NOT NULL,
    placeholders bigint NOT NULL,
    CONSTRAINT lineage_execution_pkey PRIMARY KEY (execution_id),
    CONSTRAINT lineage_execution_status CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT lineage_execution_counts CHECK (
      pending >= 0 AND completed >= 0 AND failed >= 0 AND cancelled >= 0 AND unsettled >= 0 AND placeholders >= 0
    )
  ) WITH (fillfactor = 50)`,
  `CREATE INDEX lineage_execution_started ON lineage_execution (started_at, execution_id)`,

  `CREATE TABLE lineage_statistics (
    execution_id uuid NOT NULL,
    route_id text NOT NULL,
    adapter_name text NOT NULL,
    pending bigint NOT NULL,
    awaiting_children bigint NOT NULL,
    done bigint NOT NULL,
    failed bigint NOT NULL,
    cancelled bigint NOT NULL,
    duration_ms numeric NOT NULL,
    durations jsonb NOT NULL,
    CONSTRAINT lineage_statistics_pkey PRIMARY KEY (execution_id, route_id, adapter_name)
  ) WITH (fillfactor = 50)`,
];

/** The tables of lineage: events, and the rows they fold into. */
export class CreateLineage1767225600000 implements MigrationInterface {
  readonly name = 'CreateLineage1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
