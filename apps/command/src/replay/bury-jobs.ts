import { Injectable } from '@nestjs/common';
import { countOver, countsOf } from './count-over';
import { endedRecords } from './record-statuses';
import { itemColumns, type ReplayFact, type ReplayItem, type ReplayOutcome } from './replay';
import { decideEvents } from './replay-events';
import { executionsOf, recordOf } from './replay-ids';
import { holds } from './replay-locks';
import { ReplayQueue } from './replay-queue';
import { ReplaySource, type Transaction } from './replay-source';

const AT_ONCE = 500;

// Both served by the primary key.
const ITEMS_SQL = `
  SELECT ${itemColumns('i')} FROM json_to_recordset($1::json) AS k(execution_id uuid, n integer)
  JOIN lineage_replay_item i USING (execution_id, n) WHERE i.outcome IS NULL`;
const BURY_SQL = `
  UPDATE lineage_replay_item i SET outcome = o.outcome, lease = NULL, lease_expires_at = NULL, record_ended = true
  FROM json_to_recordset($1::json) AS o(execution_id uuid, n integer, outcome text)
  WHERE i.execution_id = o.execution_id AND i.n = o.n`;

/** Gives up the jobs that the queue has put to the dead letters, so that their executions can end. */
@Injectable()
export class BuryJobs {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
  ) {}

  /** @returns how many were given up */
  bury(): Promise<number> {
    return this.source.transaction(async (transaction) => {
      if (!(await holds(transaction, 'dead letters'))) return 0;
      const letters = await this.queue.takeDead(transaction, AT_ONCE);
      if (letters.length === 0) return 0;
      const keys = JSON.stringify(letters.map(({ data }) => data));
      await giveUp(transaction, await transaction.rows<ReplayItem>(ITEMS_SQL, [keys]));
      await this.queue.completeDead(
        transaction,
        letters.map(({ id }) => id),
      );
      return letters.length;
    });
  }
}

async function giveUp(transaction: Transaction, items: readonly ReplayItem[]): Promise<void> {
  const records = items.map((item) => ({ execution_id: item.execution_id, id: recordOf(item) }));
  const ended = await endedRecords(transaction, records);
  const outcomeOf = (item: ReplayItem): ReplayOutcome =>
    ended.get(recordOf(item)) === 'completed' ? 'completed' : 'dead';
  const outcomes = items.map((item) => ({
    execution_id: item.execution_id,
    n: item.n,
    outcome: outcomeOf(item),
  }));
  await transaction.rows(BURY_SQL, [JSON.stringify(outcomes)]);
  for (const executionId of executionsOf(items)) {
    const mine = items.filter((item) => item.execution_id === executionId);
    const open = mine.filter((item) => !item.record_ended && !ended.has(recordOf(item)));
    await decideEvents(transaction, executionId, open.map(abandoned));
    await countOver(transaction, executionId, countsOf(mine.map(outcomeOf)));
  }
}

const abandoned = (item: ReplayItem): ReplayFact => ({
  type: 'record.failed',
  recordId: recordOf(item),
  data: {
    error: {
      class: 'ReplayAbandoned',
      message: `given up after ${item.attempt} attempts: the lease of the last one expired, and no service said what became of it`,
    },
  },
});
