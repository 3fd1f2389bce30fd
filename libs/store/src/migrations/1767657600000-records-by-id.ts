import type { MigrationInterface, QueryRunner } from 'typeorm';

// Who looks a record up by both ids may be served by this index as well as by the primary key, as the planner likes: with
// the execution in it, ids that many executions share cost nothing then.
const STATEMENTS = [
  `DROP INDEX lineage_record_id`,
  `CREATE INDEX lineage_record_id ON lineage_record (id, execution_id)`,
];

/** Finds records by their id alone, and in which executions. */
export class RecordsById1767657600000 implements MigrationInterface {
  readonly name = 'RecordsById1767657600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
