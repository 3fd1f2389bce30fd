import type { MigrationInterface, QueryRunner } from 'typeorm';

// Failures tell whether another attempt completed. Of the attempts at a record the first entry is the one to tell of: one
// that completed, else the latest. Records that are no attempt at another have no entry.
const ORDER = `(status <> 'completed'), registered_at DESC, id DESC`;
const STATEMENTS = [
  `CREATE INDEX lineage_record_retry ON lineage_record (execution_id, retry_of, ${ORDER}) WHERE retry_of IS NOT NULL`,
  `CREATE INDEX lineage_record_replay ON lineage_record (replay_of_record, ${ORDER}) WHERE replay_of_record IS NOT NULL`,
];

/** Finds retries and replays by the record they repeat. */
export class Attempts1767571200000 implements MigrationInterface {
  readonly name = 'Attempts1767571200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
