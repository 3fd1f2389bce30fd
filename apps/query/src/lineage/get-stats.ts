import {
  COMPLETIONS,
  RECORD_STATUSES,
  summariseDurations,
  type CountedCompletion,
  type RecordStatus,
} from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { absentExecution, notPruned } from '../executions/absent-execution';
import { Cursors, cutPage } from '../http/cursor';
import { CursorField, IdField, LimitField, MAX_LIMIT } from '../http/query-fields';
import { hasGone, STALLED } from './stalled';
import type { Stats, Totals } from './stats';

export class StatsRequest {
  @IdField('The execution', { required: true })
  readonly execution_id!: string;

  @LimitField(MAX_LIMIT)
  readonly limit: number = MAX_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Counts and durations of an execution, all together and per route and adapter. */
export class GetStats extends Query<Stats> {
  constructor(readonly request: StatsRequest) {
    super();
  }
}

/** `bigint` and `numeric` arrive as text. */
interface SumsRow extends Readonly<Record<CountedCompletion, string>> {
  readonly duration_ms: string;
  readonly durations: Readonly<Record<string, number>>;
}
interface AdapterRow extends SumsRow {
  readonly route_id: string;
  readonly adapter_name: string;
}

const SUMS = ['pending', 'awaiting_children', 'done', 'failed', 'cancelled', 'duration_ms'];

// Both served by the primary key of lineage_statistics. An execution without records has one row of zeros.
const TOTALS: Statement = {
  name: 'totals',
  sql: `
  SELECT ${SUMS.map((column) => `coalesce(sum(s.${column}), 0) AS ${column}`).join(', ')},
    (SELECT coalesce(jsonb_object_agg(bucket, total), '{}') FROM (
      SELECT d.key AS bucket, sum(d.value::bigint) AS total
      FROM lineage_statistics b CROSS JOIN LATERAL jsonb_each_text(b.durations) d
      WHERE b.execution_id = $1::uuid GROUP BY d.key) merged) AS durations
  FROM lineage_execution x LEFT JOIN lineage_statistics s ON s.execution_id = x.execution_id
  WHERE x.execution_id = $1 AND ${notPruned('x.execution_id')} GROUP BY x.execution_id`,
};
const ADAPTERS: Statement = {
  name: 'adapters',
  sql: `
  SELECT s.route_id, s.adapter_name, ${SUMS.map((column) => `s.${column}`).join(', ')}, s.durations
  FROM lineage_statistics s
  WHERE s.execution_id = $1::uuid AND (s.route_id, s.adapter_name) > ($2::text, $3::text)
  ORDER BY s.route_id, s.adapter_name LIMIT $4`,
};

// Served by lineage_record_execution_status: the pending records, where a recorder that is gone was seen.
const STALLED_COUNTS: Statement = {
  name: 'stalled counts',
  sql: `
  SELECT r.route_id, r.adapter_name, count(*) AS stalled FROM lineage_record r
  WHERE ${hasGone('$1::uuid')} AND r.execution_id = $1 AND r.registered_at IS NOT NULL AND r.status = 'pending'
    AND ${STALLED}
  GROUP BY r.route_id, r.adapter_name`,
};

interface StalledRow {
  readonly route_id: string;
  readonly adapter_name: string;
  readonly stalled: string;
}

type Key = readonly [routeId: string, adapterName: string];

function readKey(value: unknown): Key | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [routeId, adapterName] = value as unknown[];
  return isName(routeId) && isName(adapterName) ? [routeId, adapterName] : undefined;
}

/** Text the database can hold. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.isWellFormed() && !value.includes('\0');

@QueryHandler(GetStats)
export class GetStatsHandler implements IQueryHandler<GetStats> {
  constructor(private readonly database: Database) {}

  async execute({ request }: GetStats): Promise<Stats> {
    const { execution_id: id, limit } = request;
    const cursors = new Cursors(['stats', id], readKey);
    // No name is empty.
    const behind = cursors.open(request.cursor) ?? ['', ''];
    // One snapshot: the parts add up to the totals.
    const { totals, adapters, stalled } = await this.database.snapshot(async (reader) => ({
      totals: await reader.rows<SumsRow>(TOTALS, [id]),
      adapters: await reader.rows<AdapterRow>(ADAPTERS, [id, ...behind, limit + 1]),
      stalled: await reader.rows<StalledRow>(STALLED_COUNTS, [id]),
    }));
    const [sums] = totals;
    if (!sums) throw await absentExecution(this.database.reader(), id);
    const page = cutPage(adapters, limit, (last) => cursors.after([last.route_id, last.adapter_name]));
    return {
      execution_id: id,
      totals: totalsOf(sums, stalled),
      adapters: page.items.map((row) => ({
        route_id: row.route_id,
        adapter_name: row.adapter_name,
        ...totalsOf(
          row,
          stalled.filter((part) => isSamePlace(part, row)),
        ),
      })),
      next_cursor: page.next_cursor,
    };
  }
}

const isSamePlace = (a: StalledRow, b: AdapterRow): boolean =>
  a.route_id === b.route_id && a.adapter_name === b.adapter_name;

/** @param stalled the counts of all adapters that the row is about */
function totalsOf(row: SumsRow, stalled: readonly StalledRow[]): Totals {
  const count = (completion: CountedCompletion): number => Number(row[completion]);
  const byCompletion = Object.fromEntries(
    COMPLETIONS.map((completion) => [completion, count(completion)]),
  ) as Record<CountedCompletion, number>;
  const byStatus = Object.fromEntries(
    RECORD_STATUSES.map((status) => [
      status,
      status === 'completed' ? count('awaiting_children') + count('done') : count(status),
    ]),
  ) as Record<RecordStatus, number>;
  return {
    records: Object.values(byStatus).reduce((total, part) => total + part, 0),
    by_status: byStatus,
    by_completion: byCompletion,
    stalled: stalled.reduce((total, part) => total + Number(part.stalled), 0),
    duration_ms: summariseDurations(row.durations, BigInt(row.duration_ms)),
  };
}
