import type { QueryRunner } from 'typeorm';
import { holdLane, laneOf } from './lanes';
import type { PruneAudit, PruneCounts } from './prune-audit';
import { fatesSql, limitsParameters, RECORDS_OF, type PruneLimits } from './prune-fates';
import { markPruned, recordersSeen } from './pruned-recorders';

// How an execution goes. First its tombstone is set, in a transaction that holds its lane: whoever appends later finds
// it, and whoever appended earlier has been seen. From then on nobody but the prune changes its rows, so no lane is held
// while they are deleted. All its rows but the events go in one transaction: a reader sees all of the execution or
// nothing. Its events, which no answer shows without the record, follow in chunks. What a crash leaves behind is found by
// its tombstone, whose rows_remain is true until the last event is gone.

/** Executions looked at, or entombed, at a time. */
const PAGE = 5000;
/** Records and executions deleted in one transaction, unless a single execution has more. */
const BATCH_ROWS = 10_000;
const CHUNK_EVENTS = 20_000;

// Served by the primary keys of the partition.
const nextSql = (suffix: string): string => `
  SELECT execution_id FROM (${fatesSql(suffix)}) f
  WHERE fate = 'goes' AND NOT entombed AND ($3::uuid IS NULL OR execution_id > $3::uuid)
  ORDER BY execution_id LIMIT ${PAGE}`;
const entombSql = (suffix: string): string => `
  INSERT INTO lineage_tombstone (execution_id, pruned_at, rows_remain)
  SELECT execution_id, now(), true FROM (${fatesSql(suffix)} WHERE x.execution_id = ANY($3::uuid[])) f WHERE fate = 'goes'
  ON CONFLICT (execution_id) DO NOTHING`;

/** Sets tombstones for the executions of a partition that go, page by page; yields after each. */
export async function* entomb(
  runner: QueryRunner,
  suffix: string,
  limits: PruneLimits,
): AsyncGenerator<void, void, undefined> {
  const parameters = limitsParameters(limits);
  for (let last: string | null = null, more = true; more;) {
    const rows = (await runner.query(nextSql(suffix), [...parameters, last])) as { execution_id: string }[];
    for (const [lane, ids] of byLane(rows.map((row) => row.execution_id))) {
      // Whether they go is asked again: since they were found they may have been pinned, or gone on.
      await holdLane(runner, lane, () => runner.query(entombSql(suffix), [...parameters, ids]));
    }
    last = rows.at(-1)?.execution_id ?? null;
    more = rows.length === PAGE;
    if (rows.length > 0) yield;
  }
}

function byLane(ids: readonly string[]): Map<number, string[]> {
  const lanes = new Map<number, string[]>();
  for (const id of ids) lanes.set(laneOf(id), [...(lanes.get(laneOf(id)) ?? []), id]);
  return lanes;
}

// Served by lineage_tombstone_unfinished; the sub-select is a look-up by primary key, which an anti join might not be.
const entombedSql = (suffix: string): string => `
  SELECT t.execution_id, coalesce(${RECORDS_OF}, 0) AS records
  FROM lineage_tombstone t LEFT JOIN lineage_execution_${suffix} x USING (execution_id)
  WHERE t.rows_remain AND (SELECT true FROM lineage_event_${suffix} e WHERE e.execution_id = t.execution_id LIMIT 1)
  ORDER BY t.execution_id LIMIT ${PAGE}`;

/** Deletes the executions of a partition that have tombstones, batch by batch; yields after each chunk of events. */
export async function* removeEntombed(
  runner: QueryRunner,
  suffix: string,
  audit: PruneAudit,
): AsyncGenerator<void, void, undefined> {
  for (;;) {
    const found: { execution_id: string; records: string }[] = await runner.query(entombedSql(suffix));
    if (found.length === 0) return;
    let batch: string[] = [];
    let rows = 0;
    for (const { execution_id, records } of found) {
      const more = Number(records) + 1;
      if (batch.length > 0 && rows + more > BATCH_ROWS) {
        yield* removeBatch(runner, suffix, audit, batch);
        [batch, rows] = [[], 0];
      }
      batch.push(execution_id);
      rows += more;
    }
    yield* removeBatch(runner, suffix, audit, batch);
  }
}

// Each is served by the primary key of the partition.
const deleteExecutionsSql = (suffix: string): string => `
  WITH gone AS (DELETE FROM lineage_execution_${suffix} x WHERE x.execution_id = ANY($1::uuid[]) RETURNING ${RECORDS_OF} AS records)
  SELECT count(*) AS executions, coalesce(sum(records), 0) AS records FROM gone`;
const REST = ['lineage_record', 'lineage_join', 'lineage_statistics'] as const;
const deleteSql = (table: (typeof REST)[number] | 'lineage_coverage', suffix: string): string =>
  `DELETE FROM ${table}_${suffix} WHERE execution_id = ANY($1::uuid[])`;
// In the order of the primary key, from the last one deleted on: dead entries of the index are not read again.
const deleteEventsSql = (suffix: string): string => `
  WITH chunk AS MATERIALIZED (
    SELECT ctid, execution_id, event_id FROM lineage_event_${suffix}
    WHERE execution_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR (execution_id, event_id) > ($2::uuid, $3::uuid))
    ORDER BY execution_id, event_id LIMIT ${CHUNK_EVENTS}),
  gone AS (DELETE FROM lineage_event_${suffix} WHERE ctid = ANY(ARRAY(SELECT ctid FROM chunk)))
  SELECT execution_id, event_id, (SELECT count(*) FROM chunk) AS events FROM chunk
  ORDER BY execution_id DESC, event_id DESC LIMIT 1`;
const NOTHING_REMAINS_SQL =
  'UPDATE lineage_tombstone SET rows_remain = false WHERE execution_id = ANY($1::uuid[])';

async function* removeBatch(
  runner: QueryRunner,
  suffix: string,
  audit: PruneAudit,
  ids: readonly string[],
): AsyncGenerator<void, void, undefined> {
  await audit.removing(async () => {
    const [row] = (await runner.query(deleteExecutionsSql(suffix), [ids])) as [Record<string, string>];
    for (const table of REST) await runner.query(deleteSql(table, suffix), [ids]);
    // Last, for events of these recorders that arrive wait until this is committed; and before the coverage, as those do.
    await markPruned(runner, await recordersSeen(runner, suffix, ids));
    await runner.query(deleteSql('lineage_coverage', suffix), [ids]);
    return { executions: Number(row.executions), records: Number(row.records) };
  });
  // Not before a chunk is gone as well: a prune that is always broken off at its first step must get on.
  for (let last: EventKey | undefined, more = true; more;) {
    await audit.removing(async (): Promise<Partial<PruneCounts>> => {
      [last] = (await runner.query(deleteEventsSql(suffix), [
        ids,
        last?.execution_id,
        last?.event_id,
      ])) as EventKey[];
      const events = Number(last?.events ?? 0);
      more = events === CHUNK_EVENTS;
      if (!more) await runner.query(NOTHING_REMAINS_SQL, [ids]);
      return { events };
    });
    yield;
  }
}

/** The last event of a chunk, and how many there were. */
interface EventKey {
  readonly execution_id: string;
  readonly event_id: string;
  readonly events: string;
}
