import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { QueryRunner } from 'typeorm';
import { sqlState } from './database-errors';
import { LOCK_TIMEOUT_SQL, PARTITION_LOCK_SQL, PARTITIONED_TABLES } from './partitions';
import type { PruneAudit } from './prune-audit';
import { RECORDS_OF } from './prune-fates';
import { markPruned, recordersSeen } from './pruned-recorders';

// A range goes by dropping its partitions in one transaction. That needs each partitioned table for itself for a
// moment (detaching concurrently is impossible beside a default partition), and whoever waits for a lock makes all who
// come later wait as well: so those waits are short, and together shorter than the second after which the server
// looks for deadlocks. When the moment does not come, the next prune tries again.

const TABLES = Object.keys(PARTITIONED_TABLES);
const partitionsOf = (suffix: string): string => TABLES.map((table) => `${table}_${suffix}`).join(', ');

const countSql = (suffix: string): string => `
  SELECT count(*) AS executions, coalesce(sum(${RECORDS_OF}), 0) AS records,
    (SELECT count(*) FROM lineage_event_${suffix}) AS events
  FROM lineage_execution_${suffix} x`;
// While this is held nobody can write to the partitions, and no vacuum is at work on them; reading goes on. It is waited
// for long enough that the server breaks an automatic vacuum off; only late events of the range wait as well.
const HOLD_TIMEOUT_SQL = `SET LOCAL lock_timeout = '2s'`;
const holdSql = (suffix: string): string => `LOCK TABLE ${partitionsOf(suffix)} IN SHARE MODE`;
const occupiedSql = (suffix: string): string => `
  SELECT EXISTS (SELECT FROM lineage_execution_${suffix} x WHERE NOT EXISTS (
    SELECT FROM lineage_tombstone t WHERE t.execution_id = x.execution_id AND t.rows_remain)) AS found`;
const ALONE_TIMEOUT_SQL = `SET LOCAL statement_timeout = '900ms'`;
// In the order in which ingest and readers come to them.
const ALONE_SQL = `LOCK TABLE ${TABLES.map((table) => `ONLY ${table}`).join(', ')} IN ACCESS EXCLUSIVE MODE`;
const NO_TIMEOUT_SQL = 'SET LOCAL statement_timeout = 0';
const dropSql = (suffix: string): string => `DROP TABLE ${partitionsOf(suffix)}`;

const ATTEMPTS = 6;
const BACKOFF = new ExponentialBackoff({ initialDelay: 100, maxDelay: 3000 });
/** Lock not available, statement cancelled by its timeout, deadlock. */
const IN_USE = new Set(['55P03', '57014', '40P01']);
const isInUse = (error: unknown): boolean => IN_USE.has(sqlState(error) ?? '');

/** What became of a range: `occupied` by an execution that has no tombstone, or too much `in_use` to be dropped now. */
export type DropOutcome = 'dropped' | 'occupied' | 'in_use';

/**
 * Drops the partitions of a range all of whose executions have tombstones.
 * @param suffix of the partitions, from the catalogue
 */
export async function dropRange(
  runner: QueryRunner,
  suffix: string,
  audit: PruneAudit,
): Promise<DropOutcome> {
  // Counted before anything is locked: nothing is added to executions that have a tombstone.
  const [row] = (await runner.query(countSql(suffix))) as [Record<string, string>];
  const counts = {
    executions: Number(row.executions),
    records: Number(row.records),
    events: Number(row.events),
    partitionsDropped: 1,
  };
  const trying = retry(handleWhen(isInUse), { maxAttempts: ATTEMPTS - 1, backoff: BACKOFF });
  try {
    await trying.execute(() =>
      audit.removing(async () => {
        await drop(runner, suffix);
        return counts;
      }),
    );
    return 'dropped';
  } catch (error) {
    if (error instanceof Occupied) return 'occupied';
    if (isInUse(error)) return 'in_use';
    throw error;
  }
}

/** Rolls the transaction back. */
class Occupied extends Error {}

async function drop(runner: QueryRunner, suffix: string): Promise<void> {
  await runner.query(PARTITION_LOCK_SQL);
  await runner.query(HOLD_TIMEOUT_SQL);
  await runner.query(holdSql(suffix));
  const [{ found }] = (await runner.query(occupiedSql(suffix))) as [{ found: boolean }];
  if (found) throw new Occupied();
  const recorders = await recordersSeen(runner, suffix, null);
  await runner.query(LOCK_TIMEOUT_SQL);
  await runner.query(ALONE_TIMEOUT_SQL);
  await runner.query(ALONE_SQL);
  await runner.query(NO_TIMEOUT_SQL);
  // Not before it has the tables for itself: who has locked recorders then needs nothing of what it holds.
  await markPruned(runner, recorders);
  await runner.query(dropSql(suffix));
}
