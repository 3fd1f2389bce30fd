import type { MigrationInterface, QueryRunner } from 'typeorm';

// A record that names no payload is in none of the indexes, and none mentions what changes when children do. By the key
// it is found whether anything still names a payload; by the execution, which payloads it has.
const STATEMENTS = [
  `ALTER TABLE lineage_record ADD COLUMN input_payload jsonb, ADD COLUMN output_payload jsonb`,
  `CREATE INDEX lineage_record_input_payload ON lineage_record ((input_payload ->> 'key')) WHERE input_payload IS NOT NULL`,
  `CREATE INDEX lineage_record_output_payload ON lineage_record ((output_payload ->> 'key')) WHERE output_payload IS NOT NULL`,
  `CREATE INDEX lineage_record_payloads ON lineage_record (execution_id, id)
   WHERE input_payload IS NOT NULL OR output_payload IS NOT NULL`,

  // What is in the payload store. unnamed_since: no record has named it since then.
  `CREATE TABLE lineage_payload (
    key text NOT NULL,
    bytes bigint NOT NULL,
    content_type text NOT NULL,
    stored_at timestamptz(3) NOT NULL,
    unnamed_since timestamptz(3),
    CONSTRAINT lineage_payload_pkey PRIMARY KEY (key),
    CONSTRAINT lineage_payload_key CHECK (key ~ '^sha256:[0-9a-f]{64}$'),
    CONSTRAINT lineage_payload_bytes CHECK (bytes >= 0)
  )`,
  `CREATE INDEX lineage_payload_unnamed ON lineage_payload (unnamed_since, key) WHERE unnamed_since IS NOT NULL`,
];

/** Payloads: what records name, and what is stored. */
export class Payloads1767744000000 implements MigrationInterface {
  readonly name = 'Payloads1767744000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
