import type { MigrationInterface, QueryRunner } from 'typeorm';

// Few executions replay another one: those that do not are not in the index, and what changes while an execution runs is
// not either, so that writing them costs nothing more.
const STATEMENTS = [
  `CREATE INDEX lineage_execution_replays ON lineage_execution (replay_of, started_at, execution_id)
   WHERE replay_of IS NOT NULL`,
];

/** Finds what was replayed from an execution. */
export class ReplaysOfExecutions1767916800000 implements MigrationInterface {
  readonly name = 'ReplaysOfExecutions1767916800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
