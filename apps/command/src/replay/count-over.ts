import type { ReplayOutcome, ReplayState } from './replay';
import { decideEvents } from './replay-events';
import type { Transaction } from './replay-source';

export type OutcomeCounts = Partial<Record<ReplayOutcome, number>>;

// Served by the primary key.
const COUNT_SQL = `
  UPDATE lineage_replay SET completed = completed + $2, failed = failed + $3, dead = dead + $4, cancelled = cancelled + $5
  WHERE execution_id = $1
  RETURNING state, total = completed + failed + dead + cancelled AS over`;
const END_SQL = 'UPDATE lineage_replay SET state = $2, ended_at = now() WHERE execution_id = $1';

/**
 * Counts messages of a replay that are over. With the last one the execution ends: that is decided here, in the same
 * transaction, so it is decided once. To be called last: others that count wait for the end of the transaction.
 */
export async function countOver(
  transaction: Transaction,
  executionId: string,
  { completed = 0, failed = 0, dead = 0, cancelled = 0 }: OutcomeCounts,
): Promise<void> {
  const [row] = await transaction.rows<{ state: ReplayState; over: boolean }>(COUNT_SQL, [
    executionId,
    completed,
    failed,
    dead,
    cancelled,
  ]);
  if (!row?.over) return;
  if (row.state === 'running') await end(transaction, executionId, 'completed');
  if (row.state === 'cancelling') await end(transaction, executionId, 'cancelled');
}

async function end(
  transaction: Transaction,
  executionId: string,
  state: 'completed' | 'cancelled',
): Promise<void> {
  await transaction.rows(END_SQL, [executionId, state]);
  await decideEvents(transaction, executionId, [{ type: `execution.${state}`, data: {} }]);
}

/** How many of each. */
export function countsOf(outcomes: readonly ReplayOutcome[]): OutcomeCounts {
  const counts: OutcomeCounts = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
