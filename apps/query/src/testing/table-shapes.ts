import { anId } from '@factflow/domain/testing';
import { ensurePartitions } from '@factflow/store';
import { migratedDatabase, type MigratedDatabase } from '@factflow/store/testing';

const DAY_MS = 24 * 3600 * 1000;
/** Everything in the tables began about now. */
const NOW = Date.UTC(2026, 10, 24);

/** Which partitions there are; the crowd is spread over them. */
export const LAYOUTS = ['default alone', '3 months', '13 months'] as const;
/** When the planner last looked. */
export const STATISTICS = [
  'never analysed',
  'analysed',
  'analysed when one execution was all there was, and at work',
  'analysed before the large execution came',
] as const;
export type Layout = (typeof LAYOUTS)[number];
export type Statistics = (typeof STATISTICS)[number];

const MONTHS: Readonly<Record<Layout, number>> = { 'default alone': 0, '3 months': 3, '13 months': 13 };
/** Records of the large execution. */
const LARGE = 4000;
const CROWD = 400;
/** Records of an execution of the crowd. */
const SMALL = 10;

/** Ids of the rows to ask about. */
export interface Shape {
  readonly database: MigratedDatabase;
  readonly large: string;
  /** first record of the large execution, parent of one in four of the others */
  readonly root: string;
  readonly largeBatch: string;
  /** records of the executions that have any unsettled */
  readonly unsettled: number;
  /** one of the crowd of executions of 10 records each */
  readonly small: string;
  readonly smallRoot: string;
  readonly smallBatch: string;
}

/** Records of the large execution that are pending; as many are cancelled, failed, and awaiting children. */
export const FEW = LARGE / 500;

/** An execution with its records. */
interface Rows {
  readonly execution: string;
  readonly root: string;
  readonly batch: string;
  /** of the route and the adapter of nearly all records */
  readonly name: string;
  readonly records: number;
  /** ISO 8601 */
  readonly at: string;
  /** whether all records are pending */
  readonly working: boolean;
}

const ROWS = `json_to_recordset($1) x(execution uuid, root uuid, batch uuid, name text, records int, at timestamptz, working bool)`;
// What is not among the few is done. `k` is n in the large execution; small ones have none of the few.
const RECORDS_SQL = `
  INSERT INTO lineage_record (execution_id, id, status, route_id, adapter_name, parent_id, batch_id, input_hash,
    output_hash, started, started_at, completed_at, registered_at, conflicts, children, pending_children)
  SELECT x.execution,
    CASE n WHEN 0 THEN x.root ELSE overlay(x.root::text placing lpad(to_hex(n + 1), 4, '0') from 20)::uuid END, s.status,
    CASE WHEN n % 500 = 7 THEN 'rare' ELSE x.name END, CASE WHEN n % 500 = 8 THEN 'rare' ELSE x.name END,
    CASE WHEN n > 0 AND n % 4 = 0 THEN x.root END, CASE WHEN n % 4 = 1 THEN x.batch END,
    CASE WHEN n % 4 = 2 THEN 'sha256:common' ELSE 'sha256:' || x.execution || n END,
    CASE WHEN n % 4 = 3 THEN 'sha256:common' ELSE 'sha256:' || x.execution || n END,
    true, s.at, CASE WHEN s.status <> 'pending' THEN s.at + interval '1 second' END, s.at, 0, 1, (s.k = 6)::int
  FROM ${ROWS} CROSS JOIN LATERAL generate_series(0, x.records - 1) n
  CROSS JOIN LATERAL (SELECT x.at + n * interval '10 milliseconds' AS at, (n + x.records) % 500 AS k,
    CASE WHEN x.working THEN 'pending' ELSE
      CASE (n + x.records) % 500 WHEN 3 THEN 'pending' WHEN 4 THEN 'cancelled' WHEN 5 THEN 'failed' ELSE 'completed' END
    END AS status) s`;
const EXECUTIONS_SQL = `
  INSERT INTO lineage_execution (execution_id, status, started_at, first_event_at, last_event_at, pending, completed, failed,
    cancelled, unsettled, placeholders)
  SELECT x.execution, 'running', x.at, x.at, x.at, 0, x.records, 0, 0, x.records / 500, 0 FROM ${ROWS}`;
const FINISH_SQL = `UPDATE lineage_record SET completed_at = started_at + interval '1 second', status = 'completed'`;

/** A database with thousands of records, in a layout, with statistics of some time in its history. */
export async function makeShape(layout: Layout, statistics: Statistics): Promise<Shape> {
  const database = await migratedDatabase();
  const run = (sql: string, parameters?: unknown[]) => database.dataSource.query<unknown[]>(sql, parameters);
  const months = MONTHS[layout];
  if (months > 0) await ensurePartitions(database.dataSource, NOW - (months - 1) * 30 * DAY_MS, NOW);
  await keepStatistics(run);
  await run(AS_IF_LARGE_SQL);
  const insert = async (...rows: Rows[]): Promise<void> => {
    for (const sql of [RECORDS_SQL, EXECUTIONS_SQL]) await run(sql, [JSON.stringify(rows)]);
  };
  const rowsAt = (at: number, name: string, records: number): Rows => ({
    execution: months > 0 ? bornAt(at) : anId(),
    root: anId(),
    batch: anId(),
    name,
    records,
    at: new Date(at).toISOString(),
    working: false,
  });
  const large = rowsAt(NOW, 'usual', LARGE);
  const span = Math.max(months - 1, 1) * 30 * DAY_MS;
  const crowd = Array.from({ length: CROWD }, (_, n) =>
    rowsAt(NOW - (n * span) / CROWD, `of ${n % 50}`, SMALL),
  );
  if (statistics === STATISTICS[2]) {
    await insert({ ...rowsAt(NOW - 1, 'usual', LARGE), batch: large.batch, working: true });
    await run('ANALYZE');
    await run(FINISH_SQL);
    await insert(large, ...crowd);
  } else {
    await insert(...crowd);
    if (statistics === STATISTICS[3]) await run('ANALYZE');
    await insert(large);
    if (statistics === STATISTICS[1]) await run('ANALYZE');
  }
  const [small] = crowd.slice(CROWD / 2) as [Rows];
  return {
    database,
    large: large.execution,
    root: large.root,
    largeBatch: large.batch,
    unsettled: statistics === STATISTICS[2] ? 2 * LARGE : LARGE,
    small: small.execution,
    smallRoot: small.root,
    smallBatch: small.batch,
  };
}

/** An id of version 7. */
function bornAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${anId().slice(15)}`;
}

// The planner thinks of workers where tables are large: here, where they cost nothing.
const AS_IF_LARGE_SQL = `
  DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET min_parallel_table_scan_size = 0', current_database());
    EXECUTE format('ALTER DATABASE %I SET min_parallel_index_scan_size = 0', current_database());
    EXECUTE format('ALTER DATABASE %I SET parallel_setup_cost = 0', current_database());
    EXECUTE format('ALTER DATABASE %I SET parallel_tuple_cost = 0', current_database());
  END $$`;

/** Nothing is analysed behind the back of a spec. */
async function keepStatistics(run: (sql: string) => Promise<unknown[]>): Promise<void> {
  const partitions = (await run(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'lineage_record'::regclass`,
  )) as { name: string }[];
  for (const { name } of partitions) await run(`ALTER TABLE ${name} SET (autovacuum_enabled = false)`);
}
