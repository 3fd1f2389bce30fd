import type { MigrationInterface, QueryRunner } from 'typeorm';

// Of a recorder that was seen in an execution that was pruned, not all that was accepted is in the log any more. Which ones
// that were before now nobody knows: where anything was pruned, it may be any of them.
const STATEMENTS = [
  `ALTER TABLE lineage_recorder
    ADD COLUMN pruned boolean NOT NULL DEFAULT false,
    ADD COLUMN payloads bigint`,
  `UPDATE lineage_recorder SET pruned = true WHERE EXISTS (SELECT FROM lineage_tombstone)`,
];

/** What was accepted of a recorder can be held against the log, and payloads that wait in its hands are known. */
export class WhatRecordersKeep1768176000000 implements MigrationInterface {
  readonly name = 'WhatRecordersKeep1768176000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
