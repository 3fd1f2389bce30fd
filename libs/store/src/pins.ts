import type { DataSource, QueryRunner } from 'typeorm';
import { inLane, laneOf } from './lanes';
import { tombstonesOf } from './tombstones';

// An execution that is pinned stays, however old it is. Pins are set and taken away under the execution's lane, and a
// prune reads them there: whether one of them came first is never in doubt.

/** An execution that retention leaves alone. */
export interface Pin {
  readonly pinnedAt: Date;
  readonly reason: string | null;
}

/** What came of a change to the pin of an execution. */
export type PinOutcome =
  | { readonly execution: 'there'; readonly pin: Pin | null }
  | { readonly execution: 'unknown' }
  | { readonly execution: 'pruned'; readonly prunedAt: Date };

// All served by primary keys.
const IS_THERE_SQL = 'SELECT EXISTS (SELECT FROM lineage_execution WHERE execution_id = $1) AS there';
const PIN_SQL = `
  INSERT INTO lineage_pin (execution_id, pinned_at, reason) VALUES ($1, now(), $2)
  ON CONFLICT (execution_id) DO UPDATE SET reason = excluded.reason RETURNING pinned_at, reason`;
const UNPIN_SQL = 'DELETE FROM lineage_pin WHERE execution_id = $1';

/** Pins an execution. Done again, it keeps the time of the first and takes the reason of the last. */
export const pinExecution = (
  dataSource: DataSource,
  executionId: string,
  reason: string | null,
): Promise<PinOutcome> =>
  changePin(dataSource, executionId, async (runner) => {
    const [row] = (await runner.query(PIN_SQL, [executionId, reason])) as [
      { pinned_at: Date; reason: string | null },
    ];
    return { pinnedAt: row.pinned_at, reason: row.reason };
  });

/** Takes the pin of an execution away; one without a pin stays as it is. */
export const unpinExecution = (dataSource: DataSource, executionId: string): Promise<PinOutcome> =>
  changePin(dataSource, executionId, async (runner) => {
    await runner.query(UNPIN_SQL, [executionId]);
    return null;
  });

const changePin = (
  dataSource: DataSource,
  executionId: string,
  change: (runner: QueryRunner) => Promise<Pin | null>,
): Promise<PinOutcome> =>
  inLane(dataSource, laneOf(executionId), async (runner) => {
    const prunedAt = (await tombstonesOf(runner, [executionId])).get(executionId);
    if (prunedAt) return { execution: 'pruned', prunedAt };
    const [{ there }] = (await runner.query(IS_THERE_SQL, [executionId])) as [{ there: boolean }];
    return there ? { execution: 'there', pin: await change(runner) } : { execution: 'unknown' };
  });
