import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { Trace, TraceBuilder, type Direction } from './trace';

/** A trace holds as many ids as this, the record itself not counted; what lies further away is left out. */
export const MAX_TRACE_IDS = 5_000_000;
/** Under this token handlers are given the limit. */
export const TRACE_LIMIT = Symbol('TRACE_LIMIT');
/** Bytes of ids and edges: joins of thousands of parents each must not fill the memory. */
const MAX_TRACE_BYTES = 512 * 1024 * 1024;
/** Entries travel in chunks of about this many bytes, each soon forgotten. */
const CHUNK_BYTES = 32 * 1024;
/** Up to this depth the recursion carries it: it can end there, at the price of meeting a record once per depth. */
export const CARRIED_DEPTH = 16;

const EXECUTION = '$1::uuid';
const NARROW = 'ask for one direction, or for a smaller depth';

// Served by the primary keys of lineage_record and lineage_join and by lineage_record_children. The planner knows nothing
// of the size of a trace, and reading all of an execution once per step is what a wrong guess costs: `OFFSET 0` keeps a
// step a look-up per record, and a range of one parent in the order of parents leaves no other index to look in, even
// when statistics have it that every record has the same parent.
const STEPS: Readonly<Record<Direction, string>> = {
  ancestors: `
    SELECT p.id
    FROM (SELECT c.parent_id, c.joined_parent_ids FROM lineage_record c
          WHERE c.execution_id = ${EXECUTION} AND c.id BETWEEN t.id AND t.id ORDER BY c.id OFFSET 0) child
    CROSS JOIN LATERAL (
      SELECT child.parent_id AS id WHERE child.parent_id IS NOT NULL
      UNION ALL SELECT unnest(child.joined_parent_ids)) p`,
  descendants: `
    (SELECT c.id FROM lineage_record c WHERE c.execution_id = ${EXECUTION} AND c.parent_id BETWEEN t.id AND t.id
     ORDER BY c.parent_id OFFSET 0)
    UNION ALL
    (SELECT j.child_id FROM lineage_join j WHERE j.execution_id = ${EXECUTION} AND j.parent_id BETWEEN t.id AND t.id
     ORDER BY j.parent_id OFFSET 0)`,
};

/** Ids that can be reached from $2 in the execution $1, the nearest first, as the relation `trace`. */
export const recursion = (direction: Direction): string => `trace(id) AS (
    SELECT $2::uuid
    UNION SELECT step.id FROM trace t CROSS JOIN LATERAL (${STEPS[direction]}) step(id)
  )`;
const shallowRecursion = (direction: Direction): string => `trace(id, depth) AS (
    SELECT $2::uuid, 0
    UNION SELECT step.id, t.depth + 1 FROM trace t CROSS JOIN LATERAL (${STEPS[direction]}) step(id)
    WHERE t.depth < $5::int
  )`;

/** Ranks order records `r` as they are shown: by start, placeholders last. See Place. */
export const RANK = `coalesce((date_part('epoch', r.started_at) * 1000)::bigint, 3000000000000000)
    + CASE WHEN r.registered_at IS NULL THEN 4000000000000000 ELSE 0 END`;

// The nearest come first out of the recursion, so that LIMIT keeps those. One row is a chunk of entries (see TraceBuilder),
// entries and chunks by (rank, id); `found` is how many ids were found, the record and what is over the limit included.
const traceSql = (recursive: string, ids: string): string => `
  WITH RECURSIVE ${recursive},
  found AS MATERIALIZED (SELECT id FROM trace LIMIT $3::bigint + 2),
  entry AS (
    SELECT picked.id, r.rank, r.parents
    FROM (${ids}) picked CROSS JOIN LATERAL (
      SELECT ${RANK} AS rank,
        coalesce(uuid_send(r.parent_id), '') || CASE WHEN r.joined_parent_ids IS NULL THEN ''
          ELSE (SELECT coalesce(string_agg(uuid_send(p), ''), '') FROM unnest(r.joined_parent_ids) p) END AS parents
      FROM lineage_record r WHERE r.execution_id = ${EXECUTION} AND r.id BETWEEN picked.id AND picked.id ORDER BY r.id OFFSET 0) r
  ),
  sized AS (
    SELECT uuid_send(id) || int8send(rank) || int4send(octet_length(parents)) || parents AS entry,
      sum(28 + octet_length(parents)) OVER (ORDER BY rank, id ROWS UNBOUNDED PRECEDING) AS upto
    FROM entry
  )
  SELECT encode(string_agg(entry, '' ORDER BY upto), 'base64') AS entries, (SELECT count(*) FROM found) AS found,
    max(upto) > $4 - ${CHUNK_BYTES} AS full
  FROM sized WHERE upto <= $4
  GROUP BY upto / ${CHUNK_BYTES} ORDER BY min(upto)`;

const DEEP_IDS = 'SELECT id FROM found LIMIT $3::bigint + 1';
const SHALLOW_IDS = `SELECT DISTINCT id FROM (${DEEP_IDS}) nearest`;
const statement = (name: string, recursive: string, ids: string): Statement => ({
  name,
  sql: traceSql(recursive, ids),
});
const DEEP: Readonly<Record<Direction, Statement>> = {
  ancestors: statement('ancestors', recursion('ancestors'), DEEP_IDS),
  descendants: statement('descendants', recursion('descendants'), DEEP_IDS),
};
const SHALLOW: Readonly<Record<Direction, Statement>> = {
  ancestors: statement('near ancestors', shallowRecursion('ancestors'), SHALLOW_IDS),
  descendants: statement('near descendants', shallowRecursion('descendants'), SHALLOW_IDS),
};

interface ChunkRow {
  /** in base64: it travels as text, and this is the shortest */
  readonly entries: string;
  readonly found: string;
  /** whether entries may have been left out for their size */
  readonly full: boolean;
}

/** How far a trace goes. */
export interface TraceBounds {
  /** steps from the record, from 1 */
  readonly maxDepth: number;
  readonly maxIds: number;
}

/** Everything that can be reached from a record in one direction, found with one statement. */
export async function readTrace(
  reader: Reader,
  executionId: string,
  id: string,
  direction: Direction,
  { maxDepth, maxIds }: TraceBounds,
): Promise<Trace> {
  const shallow = maxDepth <= CARRIED_DEPTH;
  const trace = (shallow ? SHALLOW : DEEP)[direction];
  const parameters = [executionId, id, maxIds, MAX_TRACE_BYTES, ...(shallow ? [maxDepth] : [])];
  let builder: TraceBuilder | undefined;
  let truncated = false;
  const take = ({ entries, found, full }: ChunkRow): void => {
    builder ??= new TraceBuilder(Number(found));
    builder.add(Buffer.from(entries, 'base64'));
    truncated ||= Number(found) > maxIds + 1 || full;
  };
  await reader.each<ChunkRow>(trace, parameters, take, NARROW);
  return builder ? builder.build(id, direction, maxDepth, truncated) : Trace.EMPTY;
}
