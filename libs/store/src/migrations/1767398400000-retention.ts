import type { MigrationInterface, QueryRunner } from 'typeorm';

// A tombstone stays when the execution is gone: it is why a late event of it is not taken. rows_remain is true until the
// last of its rows is deleted, so that a prune finds what an earlier one could not finish.
const STATEMENTS = [
  `CREATE TABLE lineage_tombstone (
    execution_id uuid NOT NULL,
    pruned_at timestamptz(3) NOT NULL,
    rows_remain boolean NOT NULL,
    CONSTRAINT lineage_tombstone_pkey PRIMARY KEY (execution_id)
  )`,
  `CREATE INDEX lineage_tombstone_unfinished ON lineage_tombstone (execution_id) WHERE rows_remain`,

  `CREATE TABLE lineage_pin (
    execution_id uuid NOT NULL,
    pinned_at timestamptz(3) NOT NULL,
    reason text,
    CONSTRAINT lineage_pin_pkey PRIMARY KEY (execution_id)
  )`,

  // One row a prune. The counts are added to in the transactions that delete, so they are true of a prune that was cut
  // off as well: that one has no finished_at.
  `CREATE TABLE lineage_prune (
    id uuid NOT NULL,
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3),
    before timestamptz(3) NOT NULL,
    trigger text NOT NULL,
    executions bigint NOT NULL,
    records bigint NOT NULL,
    events bigint NOT NULL,
    partitions_dropped integer NOT NULL,
    CONSTRAINT lineage_prune_pkey PRIMARY KEY (id),
    CONSTRAINT lineage_prune_trigger CHECK (trigger IN ('retention', 'request'))
  )`,
];

/** What retention remembers: executions that are gone, executions that must stay, and what was removed when. */
export class Retention1767398400000 implements MigrationInterface {
  readonly name = 'Retention1767398400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
