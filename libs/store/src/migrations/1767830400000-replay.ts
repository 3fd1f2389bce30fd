import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // One row a replay: what was asked and how far it got. Whoever finds one that is not closed goes on with it.
  `CREATE TABLE lineage_replay (
    execution_id uuid NOT NULL,
    replay_of uuid NOT NULL,
    idempotency_key text,
    request jsonb NOT NULL,
    name text,
    created_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    state text NOT NULL,
    total bigint NOT NULL DEFAULT 0,
    queued bigint NOT NULL DEFAULT 0,
    completed bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    next_sequence bigint NOT NULL DEFAULT 1,
    closed boolean NOT NULL DEFAULT false,
    CONSTRAINT lineage_replay_pkey PRIMARY KEY (execution_id),
    CONSTRAINT lineage_replay_state CHECK (state IN ('starting', 'running', 'stopping', 'cancelling', 'completed', 'cancelled')),
    CONSTRAINT lineage_replay_counts CHECK (queued <= total AND completed + failed + dead + cancelled <= total)
  ) WITH (fillfactor = 50)`,
  `CREATE UNIQUE INDEX lineage_replay_key ON lineage_replay (replay_of, idempotency_key) WHERE idempotency_key IS NOT NULL`,
  `CREATE INDEX lineage_replay_open ON lineage_replay (execution_id) WHERE NOT closed`,
  // The queues with work of a replay: one a route and adapter, whoever replays.
  `CREATE TABLE lineage_replay_queue (
    execution_id uuid NOT NULL,
    queue text NOT NULL,
    route_id text NOT NULL,
    adapter_name text NOT NULL,
    CONSTRAINT lineage_replay_queue_pkey PRIMARY KEY (execution_id, queue)
  )`,
  // One row a message that is replayed, until the replay is over; its lease stands here, beside the job in the queue.
  `CREATE TABLE lineage_replay_item (
    execution_id uuid NOT NULL,
    n integer NOT NULL,
    original_id uuid NOT NULL,
    route_id text NOT NULL,
    adapter_name text NOT NULL,
    input_hash text,
    inputs jsonb NOT NULL,
    joined boolean NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    record_ended boolean NOT NULL DEFAULT false,
    lease uuid,
    lease_expires_at timestamptz(3),
    leased_at timestamptz(3),
    outcome text,
    CONSTRAINT lineage_replay_item_pkey PRIMARY KEY (execution_id, n),
    CONSTRAINT lineage_replay_item_outcome CHECK (outcome IN ('completed', 'failed', 'dead', 'cancelled'))
  ) WITH (fillfactor = 50)`,
  `CREATE INDEX lineage_replay_item_lease ON lineage_replay_item (lease_expires_at, execution_id) WHERE lease_expires_at IS NOT NULL`,
  // Events that were decided on and have not been appended yet, written in the transaction that decided.
  `CREATE TABLE lineage_replay_event (
    execution_id uuid NOT NULL,
    sequence bigint NOT NULL,
    event json NOT NULL,
    CONSTRAINT lineage_replay_event_pkey PRIMARY KEY (execution_id, sequence)
  )`,
];

/** What the command app remembers of replays while they are at work, and of what was asked for afterwards. */
export class Replay1767830400000 implements MigrationInterface {
  readonly name = 'Replay1767830400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  /** Migrations only go forward: a mistake is mended by the next one. */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
