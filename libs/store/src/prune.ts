import type { DataSource, QueryRunner } from 'typeorm';
import { dropRange } from './drop-range';
import { PARTITION_MS } from './partitions';
import { PruneAudit, type PruneCounts, type PruneTrigger } from './prune-audit';
import { countEvents, survey, type PruneLimits, type Survey } from './prune-fates';
import { forgetRecorders } from './recorders';
import { entomb, removeEntombed } from './remove-executions';

// A prune goes from partition to partition. A past range in which nothing is to stay is dropped; from all others the
// executions that go are deleted, in batches of whole executions. It may be broken off after any batch, or die at any
// point: the next one goes on from the tombstones.

/** One prune. */
export interface PruneRequest extends PruneLimits {
  readonly trigger: PruneTrigger;
  /** counts what would go, and changes nothing */
  readonly dryRun: boolean;
  /** milliseconds since 1970; ranges that end later are never dropped */
  readonly now: number;
}

/** How far a prune is. */
export interface PruneProgress extends PruneCounts {
  /** first all partitions are looked at, then what goes is removed, or its events counted */
  readonly phase: 'looking' | 'removing' | 'counting';
  /** what the partition at work ends in: `p20261112`, or `default` */
  readonly partition: string;
  /** executions found that go: where `executions` ends, once all partitions have been looked at */
  readonly found: number;
  /** the partition is in too much use to be dropped now: its executions have tombstones, and go with the next prune */
  readonly postponed: boolean;
}

export interface PruneSummary extends PruneCounts {
  /** executions old enough that stay */
  readonly kept: { readonly running: number; readonly pinned: number };
}

/** Another prune is at work, here or in another process. */
export class PruneRunningError extends Error {
  override readonly name = 'PruneRunningError';
  readonly code = 'prune_running';

  constructor() {
    super('Another prune is at work; there can be one at a time.');
  }
}

/** Any number no other lock of ours uses. */
const PRUNE_LOCK = 4_017_204;
const LOCK_SQL = `SELECT pg_try_advisory_lock(${PRUNE_LOCK}) AS taken`;
const UNLOCK_SQL = `SELECT pg_advisory_unlock(${PRUNE_LOCK})`;

const PARTITIONS_SQL = `
  SELECT substr(c.relname, length('lineage_execution_') + 1) AS suffix
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'lineage_execution'::regclass AND c.relname ~ '^lineage_execution_(default|p\\d{8})$' ORDER BY 1`;
// Served by lineage_tombstone_unfinished. The sub-select is a look-up by primary key for each, which a join might not be.
const NOTHING_REMAINS_SQL = `
  UPDATE lineage_tombstone t SET rows_remain = false
  WHERE t.rows_remain AND (SELECT true FROM lineage_event e WHERE e.execution_id = t.execution_id LIMIT 1) IS NULL`;

/**
 * Removes executions whole, and tells how far it is after each batch; breaking the loop off ends it there. It works on
 * one connection of its own, which also holds the lock that keeps other prunes out; reading and writing go on.
 * @param dataSource without settings for ingest, and without a statement timeout
 * @throws PruneRunningError when another prune is at work
 */
export async function* prune(
  dataSource: DataSource,
  request: PruneRequest,
): AsyncGenerator<PruneProgress, PruneSummary, undefined> {
  const runner = dataSource.createQueryRunner();
  try {
    const [{ taken }] = (await runner.query(LOCK_SQL)) as [{ taken: boolean }];
    if (!taken) throw new PruneRunningError();
    try {
      return yield* pruneAll(runner, request);
    } finally {
      // Where the connection is gone, so is the lock.
      await runner.query(UNLOCK_SQL).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}

interface Part {
  readonly suffix: string;
  /** past, and nothing in it is to stay */
  readonly whole: boolean;
  readonly found: Survey;
}

async function* pruneAll(
  runner: QueryRunner,
  request: PruneRequest,
): AsyncGenerator<PruneProgress, PruneSummary, undefined> {
  const audit = new PruneAudit(runner, request.before, request.trigger);
  if (!request.dryRun) await runner.query(NOTHING_REMAINS_SQL);
  const parts: Part[] = [];
  const sum = (name: keyof Survey): number => parts.reduce((total, { found }) => total + found[name], 0);
  const at = (phase: PruneProgress['phase'], { suffix }: Part, step: Step = undefined): PruneProgress => ({
    phase,
    partition: suffix,
    found: sum('executions'),
    ...audit.removed,
    postponed: step === 'postponed',
  });
  for (const { suffix } of (await runner.query(PARTITIONS_SQL)) as { suffix: string }[]) {
    const part = await look(runner, suffix, request);
    parts.push(part);
    yield at('looking', part);
  }
  for (const part of parts) {
    const steps = request.dryRun
      ? countPart(runner, part, request, audit)
      : removePart(runner, part, request, audit);
    for await (const step of steps) yield at(request.dryRun ? 'counting' : 'removing', part, step);
  }
  if (!request.dryRun) {
    await runner.query(NOTHING_REMAINS_SQL);
    await forgetRecorders(runner);
    await audit.end();
  }
  return { ...audit.removed, kept: { running: sum('running'), pinned: sum('pinned') } };
}

async function look(runner: QueryRunner, suffix: string, request: PruneRequest): Promise<Part> {
  const found = await survey(runner, suffix, request);
  const from = startOf(suffix);
  const past = from !== undefined && from < request.before && from + PARTITION_MS <= request.now;
  return { suffix, found, whole: past && found.kept === 0 };
}

/** When a range begins; undefined for the default partition, which has no end. */
const startOf = (suffix: string): number | undefined =>
  suffix === 'default'
    ? undefined
    : Date.UTC(Number(suffix.slice(1, 5)), Number(suffix.slice(5, 7)) - 1, Number(suffix.slice(7)));

type Step = 'postponed' | void;

async function* countPart(
  runner: QueryRunner,
  { suffix, found, whole }: Part,
  request: PruneRequest,
  audit: PruneAudit,
): AsyncGenerator<Step, void, undefined> {
  const events = await countEvents(runner, suffix, request);
  audit.add({
    executions: found.executions,
    records: found.records,
    events,
    partitionsDropped: whole ? 1 : 0,
  });
  yield;
}

async function* removePart(
  runner: QueryRunner,
  { suffix, whole }: Part,
  request: PruneRequest,
  audit: PruneAudit,
): AsyncGenerator<Step, void, undefined> {
  if (whole) {
    yield* entomb(runner, suffix, request);
    const outcome = await dropRange(runner, suffix, audit);
    yield outcome === 'in_use' ? 'postponed' : undefined;
    if (outcome !== 'occupied') return;
  }
  yield* removeEntombed(runner, suffix, audit);
  const pages = entomb(runner, suffix, request);
  while (!(await pages.next()).done) yield* removeEntombed(runner, suffix, audit);
}
