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

// Everything else is done.
const RECORDS_SQL = `
  INSERT INTO lineage_record (execution_id, id, status, route_id, adapter_name, parent_id, batch_id, input_hash,
    output_hash, started, started_at, completed_at, registered_at, conflicts, children, pending_children)
  SELECT $1::uuid, CASE n WHEN 0 THEN $2::uuid ELSE overlay($2::text placing lpad(to_hex(n + 1), 4, '0') from 20)::uuid END, s.status,
    CASE WHEN n % 500 = 7 THEN 'rare' ELSE $5 END, CASE WHEN n % 500 = 8 THEN 'rare' ELSE $5 END,
    CASE WHEN n > 0 AND n % 4 = 0 THEN $2::uuid END, CASE WHEN n % 4 = 1 THEN $3::uuid END,
    CASE WHEN n % 4 = 2 THEN 'sha256:common' ELSE 'sha256:' || $1::text || n END,
    CASE WHEN n % 4 = 3 THEN 'sha256:common' ELSE 'sha256:' || $1::text || n END,
    true, t, CASE WHEN s.status <> 'pending' THEN t + interval '1 second' END, t, 0, 1, CASE WHEN (n + $6::int) % $8::int = 6 THEN 1 ELSE 0 END
  FROM generate_series(0, $6::int - 1) n
  CROSS JOIN LATERAL (SELECT $4::timestamptz + n * interval '10 milliseconds' AS t,
    CASE WHEN $7 OR (n + $6::int) % $8::int = 3 THEN 'pending' WHEN (n + $6::int) % $8::int = 4 THEN 'cancelled' WHEN (n + $6::int) % $8::int = 5 THEN 'failed'
      ELSE 'completed' END AS status) s`;
const EXECUTION_SQL = `
  INSERT INTO lineage_execution (execution_id, status, started_at, first_event_at, last_event_at, pending, completed, failed,
    cancelled, unsettled, placeholders)
  VALUES ($1, 'running', $2, $2, $2, $3::int, $4, $3, $3, 2 * $3::int, 0)`;
const FINISH_SQL = `
  UPDATE lineage_record SET completed_at = started_at + interval '1 second', status = 'completed'`;

interface Rows {
  readonly executionId: string;
  readonly root: string;
  readonly batch: string;
  readonly name: string;
  readonly records: number;
  readonly at: number;
  readonly atWork?: boolean;
}

/** A database with thousands of records, in a layout, with statistics of some time in its history. */
export async function makeShape(layout: Layout, statistics: Statistics): Promise<Shape> {
  const database = await migratedDatabase();
  const run = (sql: string, parameters?: unknown[]) => database.dataSource.query<unknown[]>(sql, parameters);
  const months = MONTHS[layout];
  if (months > 0) await ensurePartitions(database.dataSource, NOW - (months - 1) * 30 * DAY_MS, NOW);
  await keepStatistics(run);
  const idAt = (at: number): string => (months > 0 ? bornAt(at) : anId());
  const insert = ({ executionId, root, batch, name, records, at, atWork = false }: Rows) =>
    Promise.all([
      run(RECORDS_SQL, [executionId, root, batch, new Date(at), name, records, atWork, LARGE / FEW]),
      run(EXECUTION_SQL, [executionId, new Date(at), records === LARGE ? FEW : 0, records]),
    ]);
  const large = {
    executionId: idAt(NOW),
    root: anId(),
    batch: anId(),
    name: 'usual',
    records: LARGE,
    at: NOW,
  };
  const crowd = Array.from({ length: CROWD }, (_, n): Rows => {
    const at = NOW - (n * Math.max(months - 1, 1) * 30 * DAY_MS) / CROWD;
    return {
      executionId: idAt(at),
      root: anId(),
      batch: anId(),
      name: `of ${n % 50}`,
      records: SMALL,
      at,
    };
  });
  const insertCrowd = async (): Promise<void> => {
    for (const each of crowd) await insert(each);
  };
  if (statistics === STATISTICS[2]) {
    const early = { ...large, executionId: idAt(NOW - 1), root: anId(), batch: large.batch, atWork: true };
    await insert(early);
    await run('ANALYZE');
    await run(FINISH_SQL);
  } else {
    await insertCrowd();
    if (statistics === STATISTICS[3]) await run('ANALYZE');
  }
  await insert(large);
  if (statistics === STATISTICS[2]) await insertCrowd();
  if (statistics === STATISTICS[1]) await run('ANALYZE');
  const [small] = crowd.slice(CROWD / 2) as [Rows];
  return {
    database,
    large: large.executionId,
    root: large.root,
    largeBatch: large.batch,
    unsettled: statistics === STATISTICS[2] ? 2 * LARGE : LARGE,
    small: small.executionId,
    smallRoot: small.root,
    smallBatch: small.batch,
  };
}

/** An id of version 7. */
function bornAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${anId().slice(15)}`;
}

/** Nothing is analysed behind the back of a spec. */
async function keepStatistics(run: (sql: string) => Promise<unknown[]>): Promise<void> {
  const partitions = (await run(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'lineage_record'::regclass`,
  )) as { name: string }[];
  for (const { name } of partitions) await run(`ALTER TABLE ${name} SET (autovacuum_enabled = false)`);
}
