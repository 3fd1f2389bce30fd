import type { MigrationInterface, QueryRunner } from 'typeorm';

// A sequence is accepted with the one event that was new when it came, and repeated when another new event has it too. Of
// events stored before nothing is known, so that none of them is taken for a repetition.
const STATEMENT = `ALTER TABLE lineage_recorder
  ADD COLUMN accepted int8multirange NOT NULL DEFAULT '{}',
  ADD COLUMN repeated int8multirange NOT NULL DEFAULT '{}',
  ADD COLUMN gone boolean NOT NULL DEFAULT false`;

/** Recorders that give several events one number, and those whose process has died, can be told from others at once. */
export class BrokenRecorders1768089600000 implements MigrationInterface {
  readonly name = 'BrokenRecorders1768089600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(STATEMENT);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
