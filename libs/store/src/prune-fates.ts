import type { QueryRunner } from 'typeorm';

/** Which executions a prune removes. Times are milliseconds since 1970. */
export interface PruneLimits {
  /** executions whose last event is earlier go, once they are over and unless they are pinned */
  readonly before: number;
  /** executions whose last event is earlier count as over, whatever their status; null: none does */
  readonly abandonedBefore: number | null;
}

/** What becomes of the executions of one partition. */
export interface Survey {
  /** executions that go */
  readonly executions: number;
  /** their registered records */
  readonly records: number;
  /** executions old enough that stay because they are not over */
  readonly running: number;
  /** executions old enough that stay because they are pinned */
  readonly pinned: number;
  /** executions that stay for any reason */
  readonly kept: number;
}

// An execution with a tombstone goes whatever else is said of it: a prune has begun with it. Only tombstones with
// rows left are looked at, which are few, by lineage_tombstone_unfinished. "Over" is completion done, failed or cancelled.
const FATE = `CASE
    WHEN t.execution_id IS NOT NULL THEN 'goes'
    WHEN x.last_event_at >= $1::timestamptz THEN 'stays'
    WHEN p.execution_id IS NOT NULL THEN 'pinned'
    WHEN x.status IN ('failed', 'cancelled') THEN 'goes'
    WHEN x.status = 'completed' AND x.unsettled = 0 AND x.placeholders = 0 THEN 'goes'
    WHEN x.last_event_at < $2::timestamptz THEN 'goes'
    ELSE 'running' END`;

/** Registered records of `lineage_execution x`. */
export const RECORDS_OF = 'x.pending + x.completed + x.failed + x.cancelled';

/**
 * The executions of a partition with their fate, as a sub-query; parameters $1 and $2 are {@link limitsParameters}.
 * @param suffix of the partition, from the catalogue
 */
export const fatesSql = (suffix: string): string => `
  SELECT x.execution_id, ${RECORDS_OF} AS records, ${FATE} AS fate, t.execution_id IS NOT NULL AS entombed
  FROM lineage_execution_${suffix} x
  LEFT JOIN lineage_tombstone t ON t.execution_id = x.execution_id AND t.rows_remain
  LEFT JOIN lineage_pin p ON p.execution_id = x.execution_id`;

/** The parameters of {@link fatesSql}. */
export const limitsParameters = ({ before, abandonedBefore }: PruneLimits): [Date, Date | null] => [
  new Date(before),
  abandonedBefore === null ? null : new Date(abandonedBefore),
];

// Both read the whole partition: there is no index on the last event, which changes with every batch.
const surveySql = (suffix: string): string => `
  SELECT count(*) FILTER (WHERE fate = 'goes') AS executions,
    coalesce(sum(records) FILTER (WHERE fate = 'goes'), 0) AS records,
    count(*) FILTER (WHERE fate = 'running') AS running,
    count(*) FILTER (WHERE fate = 'pinned') AS pinned,
    count(*) FILTER (WHERE fate <> 'goes') AS kept
  FROM (${fatesSql(suffix)}) f`;
const eventsSql = (suffix: string): string => `
  SELECT count(*) AS events FROM lineage_event_${suffix} e WHERE e.execution_id IN (
    SELECT execution_id FROM (${fatesSql(suffix)}) f WHERE fate = 'goes'
    UNION SELECT execution_id FROM lineage_tombstone WHERE rows_remain)`;

/** Counts what becomes of the executions of a partition, exactly. */
export async function survey(runner: QueryRunner, suffix: string, limits: PruneLimits): Promise<Survey> {
  const [row] = (await runner.query(surveySql(suffix), limitsParameters(limits))) as [
    Record<keyof Survey, string>,
  ];
  return {
    executions: Number(row.executions),
    records: Number(row.records),
    running: Number(row.running),
    pinned: Number(row.pinned),
    kept: Number(row.kept),
  };
}

/** Counts the events of a partition that would go, exactly. */
export async function countEvents(runner: QueryRunner, suffix: string, limits: PruneLimits): Promise<number> {
  const [row] = (await runner.query(eventsSql(suffix), limitsParameters(limits))) as [{ events: string }];
  return Number(row.events);
}
