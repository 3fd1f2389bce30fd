-- The schema as the migrations make it, for reading. Written by npm run schema; never edited by hand.

CREATE TABLE lineage_coverage (
  execution_id uuid NOT NULL,
  recorder_id uuid NOT NULL,
  started_sequence bigint,
  ended_sequence bigint,
  ended_at timestamp(3) with time zone,
  rejected int8multirange NOT NULL DEFAULT '{}'::int8multirange,
  CONSTRAINT lineage_coverage_pkey PRIMARY KEY (execution_id, recorder_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX lineage_coverage_recorder ON lineage_coverage USING btree (recorder_id, execution_id);
CREATE TABLE lineage_coverage_default PARTITION OF lineage_coverage DEFAULT;

CREATE TABLE lineage_event (
  execution_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  record_id uuid,
  occurred_at timestamp(3) with time zone NOT NULL,
  recorder_id uuid,
  sequence bigint,
  data json NOT NULL,
  CONSTRAINT lineage_event_pkey PRIMARY KEY (execution_id, event_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX lineage_event_record ON lineage_event USING btree (execution_id, record_id, occurred_at, event_id);
CREATE TABLE lineage_event_default PARTITION OF lineage_event DEFAULT;

CREATE TABLE lineage_execution (
  execution_id uuid NOT NULL,
  status text NOT NULL,
  name text,
  replay_of uuid,
  from_stage text,
  metadata jsonb,
  error jsonb,
  started_at timestamp(3) with time zone NOT NULL,
  completed_at timestamp(3) with time zone,
  first_event_at timestamp(3) with time zone NOT NULL,
  start_event_id uuid,
  terminal_event_id uuid,
  pending bigint NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  cancelled bigint NOT NULL,
  unsettled bigint NOT NULL,
  placeholders bigint NOT NULL,
  last_event_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT lineage_execution_pkey PRIMARY KEY (execution_id),
  CONSTRAINT lineage_execution_counts CHECK (((pending >= 0) AND (completed >= 0) AND (failed >= 0) AND (cancelled >= 0) AND (unsettled >= 0) AND (placeholders >= 0))),
  CONSTRAINT lineage_execution_status CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
) PARTITION BY RANGE (execution_id);
CREATE INDEX lineage_execution_replays ON lineage_execution USING btree (replay_of, started_at, execution_id) WHERE (replay_of IS NOT NULL);
CREATE INDEX lineage_execution_started ON lineage_execution USING btree (started_at, execution_id);
CREATE INDEX lineage_execution_unsettled ON lineage_execution USING btree (execution_id) WHERE (unsettled > 0);
CREATE TABLE lineage_execution_default PARTITION OF lineage_execution DEFAULT WITH (fillfactor=50);

CREATE TABLE lineage_join (
  execution_id uuid NOT NULL,
  parent_id uuid NOT NULL,
  child_id uuid NOT NULL,
  CONSTRAINT lineage_join_pkey PRIMARY KEY (execution_id, parent_id, child_id)
) PARTITION BY RANGE (execution_id);
CREATE TABLE lineage_join_default PARTITION OF lineage_join DEFAULT;

CREATE TABLE lineage_migration (
  id integer NOT NULL DEFAULT nextval('lineage_migration_id_seq'::regclass),
  timestamp bigint NOT NULL,
  name character varying NOT NULL,
  CONSTRAINT PK_e3798c1d0d8ce26d5b76f22fc4d PRIMARY KEY (id)
);

CREATE TABLE lineage_payload (
  key text NOT NULL,
  bytes bigint NOT NULL,
  content_type text NOT NULL,
  stored_at timestamp(3) with time zone NOT NULL,
  unnamed_since timestamp(3) with time zone,
  CONSTRAINT lineage_payload_pkey PRIMARY KEY (key),
  CONSTRAINT lineage_payload_bytes CHECK ((bytes >= 0)),
  CONSTRAINT lineage_payload_key CHECK ((key ~ '^sha256:[0-9a-f]{64}$'::text))
);
CREATE INDEX lineage_payload_unnamed ON lineage_payload USING btree (unnamed_since, key) WHERE (unnamed_since IS NOT NULL);

CREATE TABLE lineage_pin (
  execution_id uuid NOT NULL,
  pinned_at timestamp(3) with time zone NOT NULL,
  reason text,
  CONSTRAINT lineage_pin_pkey PRIMARY KEY (execution_id)
);

CREATE TABLE lineage_prune (
  id uuid NOT NULL,
  started_at timestamp(3) with time zone NOT NULL,
  finished_at timestamp(3) with time zone,
  before timestamp(3) with time zone NOT NULL,
  trigger text NOT NULL,
  executions bigint NOT NULL,
  records bigint NOT NULL,
  events bigint NOT NULL,
  partitions_dropped integer NOT NULL,
  CONSTRAINT lineage_prune_pkey PRIMARY KEY (id),
  CONSTRAINT lineage_prune_trigger CHECK ((trigger = ANY (ARRAY['retention'::text, 'request'::text])))
);

CREATE TABLE lineage_record (
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
  started_at timestamp(3) with time zone,
  completed_at timestamp(3) with time zone,
  registered_at timestamp(3) with time zone,
  retry_of uuid,
  replay_of_record uuid,
  metadata jsonb,
  conflicts integer NOT NULL,
  children integer NOT NULL,
  pending_children integer NOT NULL,
  registration_event_id uuid,
  start_at timestamp(3) with time zone,
  start_event_id uuid,
  terminal_event_id uuid,
  completion text NOT NULL GENERATED ALWAYS AS (CASE WHEN (registered_at IS NULL) THEN 'unknown'::text WHEN (status <> 'completed'::text) THEN status WHEN (pending_children = 0) THEN 'done'::text ELSE 'awaiting_children'::text END) STORED,
  input_payload jsonb,
  output_payload jsonb,
  CONSTRAINT lineage_record_pkey PRIMARY KEY (execution_id, id),
  CONSTRAINT lineage_record_counts CHECK (((pending_children >= 0) AND (pending_children <= children))),
  CONSTRAINT lineage_record_status CHECK ((status = ANY (ARRAY['pending'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
) PARTITION BY RANGE (execution_id);
CREATE INDEX lineage_record_adapter ON lineage_record USING btree (adapter_name, started_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text));
CREATE INDEX lineage_record_batch ON lineage_record USING btree (batch_id, started_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text) AND (batch_id IS NOT NULL));
CREATE INDEX lineage_record_children ON lineage_record USING btree (execution_id, parent_id, started_at, id) WHERE (parent_id IS NOT NULL);
CREATE INDEX lineage_record_execution_adapter ON lineage_record USING btree (execution_id, adapter_name, started_at, id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text));
CREATE INDEX lineage_record_execution_failures ON lineage_record USING btree (execution_id, completed_at, id) WHERE ((registered_at IS NOT NULL) AND (status = 'failed'::text));
CREATE INDEX lineage_record_execution_route ON lineage_record USING btree (execution_id, route_id, started_at, id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text));
CREATE INDEX lineage_record_execution_status ON lineage_record USING btree (execution_id, status, started_at, id) WHERE (registered_at IS NOT NULL);
CREATE INDEX lineage_record_failures ON lineage_record USING btree (completed_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status = 'failed'::text));
CREATE INDEX lineage_record_id ON lineage_record USING btree (id, execution_id);
CREATE INDEX lineage_record_input ON lineage_record USING btree (hashtextextended(input_hash, (0)::bigint), started_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text) AND (input_hash IS NOT NULL));
CREATE INDEX lineage_record_input_payload ON lineage_record USING btree (((input_payload ->> 'key'::text))) WHERE (input_payload IS NOT NULL);
CREATE INDEX lineage_record_output ON lineage_record USING btree (hashtextextended(output_hash, (0)::bigint), started_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text) AND (output_hash IS NOT NULL));
CREATE INDEX lineage_record_output_payload ON lineage_record USING btree (((output_payload ->> 'key'::text))) WHERE (output_payload IS NOT NULL);
CREATE INDEX lineage_record_payloads ON lineage_record USING btree (execution_id, id) WHERE ((input_payload IS NOT NULL) OR (output_payload IS NOT NULL));
CREATE INDEX lineage_record_replay ON lineage_record USING btree (replay_of_record, ((status <> 'completed'::text)), registered_at DESC, id DESC) WHERE (replay_of_record IS NOT NULL);
CREATE INDEX lineage_record_retry ON lineage_record USING btree (execution_id, retry_of, ((status <> 'completed'::text)), registered_at DESC, id DESC) WHERE (retry_of IS NOT NULL);
CREATE INDEX lineage_record_route ON lineage_record USING btree (route_id, started_at, id, execution_id) WHERE ((registered_at IS NOT NULL) AND (status <> 'pending'::text));
CREATE INDEX lineage_record_status ON lineage_record USING btree (status, started_at, id, execution_id) WHERE (registered_at IS NOT NULL);
CREATE TABLE lineage_record_default PARTITION OF lineage_record DEFAULT WITH (fillfactor=80);

CREATE TABLE lineage_recorder (
  recorder_id uuid NOT NULL,
  service text,
  host text,
  pid integer,
  started_at timestamp(3) with time zone,
  heartbeat_at timestamp(3) with time zone,
  highest_sequence bigint NOT NULL DEFAULT 0,
  queued bigint NOT NULL DEFAULT 0,
  spooled bigint NOT NULL DEFAULT 0,
  main_thread_age_ms bigint,
  closed boolean NOT NULL DEFAULT false,
  received int8multirange NOT NULL DEFAULT '{}'::int8multirange,
  rejected int8multirange NOT NULL DEFAULT '{}'::int8multirange,
  losses jsonb NOT NULL DEFAULT '[]'::jsonb,
  mark_at timestamp(3) with time zone,
  mark_sequence bigint,
  confirmed_at timestamp(3) with time zone,
  seen_at timestamp(3) with time zone NOT NULL,
  accepted int8multirange NOT NULL DEFAULT '{}'::int8multirange,
  repeated int8multirange NOT NULL DEFAULT '{}'::int8multirange,
  gone boolean NOT NULL DEFAULT false,
  pruned boolean NOT NULL DEFAULT false,
  payloads bigint,
  CONSTRAINT lineage_recorder_pkey PRIMARY KEY (recorder_id)
) WITH (fillfactor=50);
CREATE INDEX lineage_recorder_service ON lineage_recorder USING btree (service, recorder_id);

CREATE TABLE lineage_replay (
  execution_id uuid NOT NULL,
  replay_of uuid NOT NULL,
  idempotency_key text,
  request jsonb NOT NULL,
  name text,
  created_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
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
  CONSTRAINT lineage_replay_counts CHECK (((queued <= total) AND ((((completed + failed) + dead) + cancelled) <= total))),
  CONSTRAINT lineage_replay_state CHECK ((state = ANY (ARRAY['starting'::text, 'running'::text, 'stopping'::text, 'cancelling'::text, 'completed'::text, 'cancelled'::text])))
) WITH (fillfactor=50);
CREATE UNIQUE INDEX lineage_replay_key ON lineage_replay USING btree (replay_of, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX lineage_replay_open ON lineage_replay USING btree (execution_id) WHERE (NOT closed);

CREATE TABLE lineage_replay_event (
  execution_id uuid NOT NULL,
  sequence bigint NOT NULL,
  event json NOT NULL,
  CONSTRAINT lineage_replay_event_pkey PRIMARY KEY (execution_id, sequence)
);

CREATE TABLE lineage_replay_item (
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
  lease_expires_at timestamp(3) with time zone,
  leased_at timestamp(3) with time zone,
  outcome text,
  CONSTRAINT lineage_replay_item_pkey PRIMARY KEY (execution_id, n),
  CONSTRAINT lineage_replay_item_outcome CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text, 'dead'::text, 'cancelled'::text])))
) WITH (fillfactor=50);
CREATE INDEX lineage_replay_item_lease ON lineage_replay_item USING btree (lease_expires_at, execution_id) WHERE (lease_expires_at IS NOT NULL);

CREATE TABLE lineage_replay_queue (
  execution_id uuid NOT NULL,
  queue text NOT NULL,
  route_id text NOT NULL,
  adapter_name text NOT NULL,
  CONSTRAINT lineage_replay_queue_pkey PRIMARY KEY (execution_id, queue)
);

CREATE TABLE lineage_statistics (
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
) PARTITION BY RANGE (execution_id);
CREATE TABLE lineage_statistics_default PARTITION OF lineage_statistics DEFAULT WITH (fillfactor=50);

CREATE TABLE lineage_tombstone (
  execution_id uuid NOT NULL,
  pruned_at timestamp(3) with time zone NOT NULL,
  rows_remain boolean NOT NULL,
  CONSTRAINT lineage_tombstone_pkey PRIMARY KEY (execution_id)
);
CREATE INDEX lineage_tombstone_unfinished ON lineage_tombstone USING btree (execution_id) WHERE rows_remain;
