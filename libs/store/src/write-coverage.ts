import type { DataSource } from 'typeorm';
import type { ArrivedSequences } from './arrived-sequences';
import { clientOf, run, type Statement } from './statement';

/**
 * Ranges of a recorder that are kept apart. Where all arrives there is one; a client that leaves holes in its sequence
 * must not make the row grow for ever: what lies behind the last of so many counts as missing until it is sent again.
 */
const MAX_RANGES = 10_000;
/** The same for the rejected ones, and for those that several events have. */
const MAX_REJECTED_RANGES = 1000;

const bounded = (ranges: string, most: number): string =>
  `coalesce((SELECT range_agg(x) FROM (SELECT x FROM unnest(${ranges}) x LIMIT ${most}) kept), '{}')`;

// Served by the primary keys. Rows are written to in the order of their keys, so that writers never wait for each other in
// a circle, and not at all where nothing new is known of them: a repeat costs look-ups. An execution that was pruned
// has no coverage any more; the sequences of its late events have arrived all the same, and its recorders are marked: it may
// have been pruned between the commit of events and this one. An event is new once, whoever sends it again and in whatever
// order that is written down: a sequence accepted twice is that of two events.
const WRITE: Statement = {
  name: 'write_coverage',
  sql: `
  WITH s AS (
    SELECT s.*, (SELECT true FROM lineage_tombstone t WHERE t.execution_id = s.execution_id LIMIT 1) IS NOT NULL AS pruned
    FROM json_to_recordset($1::json) AS s(execution_id uuid, recorder_id uuid, started_sequence bigint,
      ended_sequence bigint, ended boolean, ended_now boolean, rejected int8multirange)
  ), recorder AS (
    INSERT INTO lineage_recorder AS r (recorder_id, received, accepted, repeated, rejected, seen_at, pruned)
    SELECT g.recorder_id, g.accepted + g.known, g.accepted, g.repeated, g.rejected, now(),
      g.recorder_id IN (SELECT s.recorder_id FROM s WHERE s.pruned)
    FROM json_to_recordset($2::json) AS g(recorder_id uuid, accepted int8multirange, repeated int8multirange,
      known int8multirange, rejected int8multirange)
    ORDER BY g.recorder_id
    ON CONFLICT (recorder_id) DO UPDATE SET seen_at = excluded.seen_at, pruned = r.pruned OR excluded.pruned,
      received = ${bounded('r.received + excluded.received', MAX_RANGES)},
      accepted = ${bounded('r.accepted + excluded.accepted', MAX_RANGES)},
      repeated = ${bounded('r.repeated + excluded.repeated + r.accepted * excluded.accepted', MAX_REJECTED_RANGES)},
      rejected = ${bounded('r.rejected + excluded.rejected', MAX_REJECTED_RANGES)}
    WHERE NOT (isempty(excluded.accepted) AND r.received @> excluded.received AND r.rejected @> excluded.rejected)
  )
  INSERT INTO lineage_coverage AS c (execution_id, recorder_id, started_sequence, ended_sequence, ended_at, rejected)
  SELECT s.execution_id, s.recorder_id, s.started_sequence, s.ended_sequence, CASE WHEN s.ended THEN now() END, s.rejected
  FROM s
  WHERE NOT s.pruned AND NOT EXISTS (SELECT FROM lineage_coverage k
      WHERE k.execution_id = s.execution_id AND k.recorder_id = s.recorder_id AND NOT s.ended_now
        AND (NOT s.ended OR k.ended_at IS NOT NULL) AND coalesce(k.started_sequence <= s.started_sequence, s.started_sequence IS NULL)
        AND coalesce(k.ended_sequence >= s.ended_sequence, s.ended_sequence IS NULL) AND k.rejected @> s.rejected)
  ORDER BY s.execution_id, s.recorder_id
  ON CONFLICT (execution_id, recorder_id) DO UPDATE SET
    started_sequence = least(c.started_sequence, excluded.started_sequence),
    ended_sequence = greatest(c.ended_sequence, excluded.ended_sequence),
    ended_at = greatest(c.ended_at, excluded.ended_at),
    rejected = ${bounded('c.rejected + excluded.rejected', MAX_REJECTED_RANGES)}`,
};

/**
 * Writes down what has arrived, in one statement and a transaction of its own. Done again, it changes nothing.
 * @throws when the database cannot be reached: the events are stored, and sending them again makes up for it
 */
export async function writeCoverage(dataSource: DataSource, arrived: ArrivedSequences): Promise<void> {
  if (arrived.isEmpty) return;
  const runner = dataSource.createQueryRunner();
  try {
    await run(await clientOf(runner), WRITE, [arrived.coverageJson(), arrived.recordersJson()]);
  } finally {
    await runner.release();
  }
}
