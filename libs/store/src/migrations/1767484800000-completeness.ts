import type { MigrationInterface, QueryRunner } from 'typeorm';

// A recorder has one row, which every request of its events and every heartbeat changes: no index mentions what they
// change. Its sequences are a multirange: where all arrives, one range. What is seen of a recorder in an execution is
// written once, and again only when the execution starts, ends, or has an event rejected; it stays small however the
// events of a recorder are spread over executions.
const RECORDERS = [
  `CREATE TABLE lineage_recorder (
    recorder_id uuid NOT NULL,
    service text,
    host text,
    pid integer,
    started_at timestamptz(3),
    heartbeat_at timestamptz(3),
    highest_sequence bigint NOT NULL DEFAULT 0,
    queued bigint NOT NULL DEFAULT 0,
    spooled bigint NOT NULL DEFAULT 0,
    main_thread_age_ms bigint,
    closed boolean NOT NULL DEFAULT false,
    received int8multirange NOT NULL DEFAULT '{}',
    rejected int8multirange NOT NULL DEFAULT '{}',
    losses jsonb NOT NULL DEFAULT '[]',
    mark_at timestamptz(3),
    mark_sequence bigint,
    confirmed_at timestamptz(3),
    seen_at timestamptz(3) NOT NULL,
    CONSTRAINT lineage_recorder_pkey PRIMARY KEY (recorder_id)
  ) WITH (fillfactor = 50)`,
  `CREATE INDEX lineage_recorder_service ON lineage_recorder (service, recorder_id)`,
];

const COVERAGE = [
  `CREATE TABLE lineage_coverage (
    execution_id uuid NOT NULL,
    recorder_id uuid NOT NULL,
    started_sequence bigint,
    ended_sequence bigint,
    ended_at timestamptz(3),
    rejected int8multirange NOT NULL DEFAULT '{}',
    CONSTRAINT lineage_coverage_pkey PRIMARY KEY (execution_id, recorder_id)
  ) PARTITION BY RANGE (execution_id)`,
  `CREATE TABLE lineage_coverage_default PARTITION OF lineage_coverage DEFAULT`,
  `CREATE INDEX lineage_coverage_recorder ON lineage_coverage (recorder_id, execution_id)`,
];

// A range exists in all tables or in none.
const RANGES_SQL = `
  SELECT substr(c.relname, length('lineage_event_') + 1) AS suffix, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'lineage_event'::regclass AND c.relname ~ '^lineage_event_p\\d{8}$' ORDER BY 1`;

// What the events that are stored already tell.
const BACKFILL = [
  `INSERT INTO lineage_recorder (recorder_id, received, seen_at)
   SELECT recorder_id, range_agg(int8range(sequence, sequence, '[]')), now() FROM lineage_event
   WHERE recorder_id <> '00000000-0000-0000-0000-000000000000' GROUP BY recorder_id`,
  `INSERT INTO lineage_coverage (execution_id, recorder_id, started_sequence, ended_sequence, ended_at)
   SELECT execution_id, recorder, min(sequence) FILTER (WHERE type = 'execution.started'),
     max(sequence) FILTER (WHERE ends), CASE WHEN bool_or(ends) THEN now() END
   FROM (SELECT execution_id, coalesce(recorder_id, '00000000-0000-0000-0000-000000000000') AS recorder, sequence, type,
       type IN ('execution.completed', 'execution.failed', 'execution.cancelled') AS ends FROM lineage_event) e
   GROUP BY execution_id, recorder`,
];

/** Which events of a recorder have arrived, what it says of itself, and which recorders are seen in an execution. */
export class Completeness1767484800000 implements MigrationInterface {
  readonly name = 'Completeness1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...RECORDERS, ...COVERAGE]) await runner.query(statement);
    for (const { suffix, bound } of (await runner.query(RANGES_SQL)) as { suffix: string; bound: string }[])
      await runner.query(`CREATE TABLE lineage_coverage_${suffix} PARTITION OF lineage_coverage ${bound}`);
    for (const statement of BACKFILL) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
