import type { ReplayRequest } from './replay';
import type { Transaction } from './replay-source';

/** The messages of one route. */
export interface SelectedRoute {
  readonly routeId: string;
  readonly records: number;
}

/** What a replay would be of. */
export interface Selection {
  readonly records: number;
  readonly routes: readonly SelectedRoute[];
  /** messages left out because nobody has ended their record */
  readonly pending: number;
}

// Records of the stage: those that have ended by lineage_record_execution_adapter, the others by
// lineage_record_execution_status. Attempts at one message count as one: each names the first, or the one before, so the
// way up is taken, twenty steps of it (attempts that name each other are made by hand). Of these the attempt that
// completed stands for the message, else the latest. Everything else is found by primary key.
const SELECT_SQL = `
  WITH RECURSIVE stage AS MATERIALIZED (
    SELECT r.id, r.status, r.retry_of, r.registered_at FROM lineage_record r
    WHERE r.execution_id = $2 AND r.adapter_name = $3 AND ($4::text IS NULL OR r.route_id = $4)
      AND r.registered_at IS NOT NULL AND r.status <> 'pending'
    UNION ALL
    SELECT r.id, r.status, r.retry_of, r.registered_at FROM lineage_record r
    WHERE r.execution_id = $2 AND r.adapter_name = $3 AND ($4::text IS NULL OR r.route_id = $4)
      AND r.registered_at IS NOT NULL AND r.status = 'pending'
  ), up AS (
    SELECT id, retry_of AS first, 1 AS steps FROM stage WHERE retry_of IS NOT NULL
    UNION ALL
    SELECT up.id, r.retry_of, up.steps + 1 FROM up JOIN lineage_record r ON r.execution_id = $2 AND r.id = up.first
    WHERE r.retry_of IS NOT NULL AND up.steps < 20
  ), firsts AS (
    SELECT DISTINCT ON (id) id, first FROM up ORDER BY id, steps DESC
  ), last AS MATERIALIZED (
    SELECT DISTINCT ON (coalesce(f.first, s.id)) s.id, s.status
    FROM stage s LEFT JOIN firsts f USING (id)
    ORDER BY coalesce(f.first, s.id), s.status = 'completed' DESC, s.registered_at DESC, s.id DESC
  ), added AS (
    INSERT INTO lineage_replay_item (execution_id, n, original_id, route_id, adapter_name, input_hash, inputs, joined)
    SELECT $1, row_number() OVER (ORDER BY r.started_at, r.id), r.id, r.route_id, r.adapter_name, r.input_hash,
      CASE WHEN own.input IS NULL AND stored.key IS NULL AND of_join.inputs IS NOT NULL THEN of_join.inputs
        ELSE jsonb_build_array(coalesce(own.input, stored.input, ${inputSql('NULL::jsonb')})) END,
      own.input IS NULL AND stored.key IS NULL AND of_join.inputs IS NOT NULL
    FROM last JOIN lineage_record r ON r.execution_id = $2 AND r.id = last.id
    LEFT JOIN LATERAL (SELECT ${inputSql('r.input_payload')} AS input WHERE r.input_payload IS NOT NULL) own ON true
    LEFT JOIN LATERAL (
      SELECT p.key, jsonb_build_object('key', p.key, 'content_type', p.content_type, 'redacted', false) AS input
      FROM lineage_payload p WHERE p.key = r.input_hash) stored ON true
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(${inputSql('o.output_payload')} || jsonb_build_object('from', parent.id) ORDER BY parent.place) AS inputs
      FROM unnest(array_prepend(r.parent_id, r.joined_parent_ids)) WITH ORDINALITY parent(id, place)
      LEFT JOIN lineage_record o ON o.execution_id = $2 AND o.id = parent.id
      WHERE cardinality(r.joined_parent_ids) > 0 AND parent.id IS NOT NULL) of_join ON true
    WHERE CASE WHEN $5 THEN last.status = 'failed' ELSE last.status <> 'pending' END
    RETURNING route_id
  )
  SELECT (SELECT count(*) FROM last WHERE status = 'pending') AS pending,
    (SELECT coalesce(json_agg(json_build_object('routeId', route_id, 'records', records) ORDER BY route_id), '[]')
     FROM (SELECT route_id, count(*) AS records FROM added GROUP BY route_id) r) AS routes`;

/** A payload of a record as an input of its replay; of one that was not captured the key is null. */
function inputSql(payload: string): string {
  return `jsonb_build_object('key', ${payload} ->> 'key', 'redacted', coalesce((${payload} ->> 'redacted')::boolean, false),
    'content_type', coalesce(${payload} ->> 'content_type', 'application/octet-stream'))`;
}

/**
 * Puts down which messages a replay is of, with the inputs that are known of each: what was captured of it, else bytes
 * stored under its input hash, else, for a join, the outputs of all its parents in their order.
 */
export async function selectOriginals(
  transaction: Transaction,
  executionId: string,
  replayOf: string,
  { fromStage, routeId, onlyFailed }: ReplayRequest,
): Promise<Selection> {
  const [row] = await transaction.rows<{ pending: string; routes: SelectedRoute[] }>(SELECT_SQL, [
    executionId,
    replayOf,
    fromStage,
    routeId,
    onlyFailed,
  ]);
  const routes = row?.routes ?? [];
  return {
    routes,
    records: routes.reduce((sum, { records }) => sum + records, 0),
    pending: Number(row?.pending ?? 0),
  };
}
