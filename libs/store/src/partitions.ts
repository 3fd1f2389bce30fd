import type { DataSource, EntityManager } from 'typeorm';

// Every table is partitioned by execution_id in ranges of 30 days: a version 7 id begins with the time of its birth. The
// default partition of a table takes all other ids, and those of times nobody made a partition for. A range exists in
// all tables or in none.

const DAY_MS = 24 * 3600 * 1000;
/** How much time one partition spans. Ranges begin at multiples of it since 1970, the same in every process. */
export const PARTITION_MS = 30 * DAY_MS;

/** The partitioned tables, with what storage their partitions have: counters change in place while their page has room. */
export const PARTITIONED_TABLES: Readonly<Record<string, string>> = {
  lineage_event: '',
  lineage_record: ' WITH (fillfactor = 50)',
  lineage_join: '',
  lineage_execution: ' WITH (fillfactor = 50)',
  lineage_statistics: ' WITH (fillfactor = 50)',
  lineage_coverage: '',
};
const TABLES = Object.keys(PARTITIONED_TABLES);

/** Lets one process at a time change the set of partitions; any number no other lock of ours uses. */
export const PARTITION_LOCK_SQL = 'SELECT pg_advisory_xact_lock(4017203)';
// Attaching needs the default partition for itself. Who waits for a lock makes all who come later wait as well: better
// to give up soon and try again, and sooner than the server looks for deadlocks (1 s), so that it never ends an append.
export const LOCK_TIMEOUT_SQL = `SET LOCAL lock_timeout = '500ms'`;

const EXISTS_SQL = 'SELECT to_regclass($1) IS NOT NULL AS found';
// Served by the primary keys.
const IN_DEFAULT_SQL = `SELECT ${TABLES.map(
  (table) =>
    `EXISTS (SELECT FROM ${table}_default WHERE execution_id >= $1::uuid AND execution_id < $2::uuid)`,
).join(' OR ')} AS found`;
/** A row came into the default partition after it was looked at. */
const CHECK_VIOLATION = '23514';

/** One range of 30 days. */
export interface PartitionRange {
  /** what the partitions of the range end in, `p20261112` */
  readonly suffix: string;
  /** first id of the range */
  readonly from: string;
  /** first id after it */
  readonly to: string;
}

/** What `ensurePartitions` found to do, as suffixes of partitions. */
export interface Partitions {
  readonly made: readonly string[];
  /** ranges that already have rows in the default partition, where they stay */
  readonly skipped: readonly string[];
}

/** The smallest version 7 id of a time. */
export function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The ranges that cover the times from `fromMs` to `toMs` (both included), oldest first. */
export function partitionRanges(fromMs: number, toMs: number): PartitionRange[] {
  const ranges: PartitionRange[] = [];
  for (let ms = Math.floor(fromMs / PARTITION_MS) * PARTITION_MS; ms <= toMs; ms += PARTITION_MS) {
    ranges.push({
      suffix: `p${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')}`,
      from: firstIdAt(ms),
      to: firstIdAt(ms + PARTITION_MS),
    });
  }
  return ranges;
}

/**
 * Makes the partitions that executions born between two times belong in, where there are none yet. Reading and writing
 * go on; several processes may call it at once.
 * @param fromMs milliseconds since 1970
 * @throws when the database is away, or a long transaction keeps the default partition in use; what was made stays made,
 *   and calling again is safe
 */
export async function ensurePartitions(
  dataSource: DataSource,
  fromMs: number,
  toMs: number,
): Promise<Partitions> {
  const made: string[] = [];
  const skipped: string[] = [];
  for (const range of partitionRanges(fromMs, toMs)) {
    const outcome = await dataSource
      .transaction((manager) => makePartitions(manager, range))
      .catch((error: unknown) => {
        if ((error as { code?: unknown }).code === CHECK_VIOLATION) return 'skipped' as const;
        throw error;
      });
    if (outcome === 'made') made.push(range.suffix);
    if (outcome === 'skipped') skipped.push(range.suffix);
  }
  return { made, skipped };
}

/** Ranges that are made before their time comes. */
const AHEAD = 2;

/** Makes the partitions of now and of the next two ranges. @throws as `ensurePartitions` */
export const ensurePartitionsAhead = (dataSource: DataSource, nowMs: number): Promise<Partitions> =>
  ensurePartitions(dataSource, nowMs, nowMs + AHEAD * PARTITION_MS);

async function makePartitions(
  manager: EntityManager,
  { suffix, from, to }: PartitionRange,
): Promise<'made' | 'skipped' | 'there'> {
  const found = async (sql: string, parameters: string[]): Promise<boolean> =>
    (await manager.query<[{ found: boolean }]>(sql, parameters))[0].found;
  await manager.query(PARTITION_LOCK_SQL);
  if (await found(EXISTS_SQL, [`lineage_event_${suffix}`])) return 'there';
  if (await found(IN_DEFAULT_SQL, [from, to])) return 'skipped';
  await manager.query(LOCK_TIMEOUT_SQL);
  for (const [table, storage] of Object.entries(PARTITIONED_TABLES)) {
    const partition = `${table}_${suffix}`;
    await manager.query(`CREATE TABLE ${partition} (LIKE ${table} INCLUDING ALL)${storage}`);
    // Bounds are no place for parameters; they are made of hexadecimal digits here.
    await manager.query(
      `ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
  return 'made';
}
