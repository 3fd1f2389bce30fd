import { Injectable } from '@nestjs/common';
import { countOver, countsOf } from './count-over';
import { endedRecords } from './record-statuses';
import { itemColumns, type ReplayFact, type ReplayItem, type ReplayOutcome } from './replay';
import { decideEvents } from './replay-events';
import { executionsOf, jobOf, recordOf } from './replay-ids';
import { holds } from './replay-locks';
import { queueOfItem, ReplayQueue, type RetryPolicy } from './replay-queue';
import { ReplaySource, type Transaction } from './replay-source';

const AT_ONCE = 500;

// Served by lineage_replay_item_lease.
const EXPIRED_SQL = `
  SELECT ${itemColumns('i')} FROM lineage_replay_item i WHERE lease_expires_at <= now()
  ORDER BY lease_expires_at LIMIT ${AT_ONCE}`;
// Served by the primary key.
const TAKE_BACK_SQL = `
  UPDATE lineage_replay_item i SET lease_expires_at = NULL, lease = NULL, outcome = l.outcome, record_ended = l.record_ended
  FROM json_to_recordset($1::json) AS l(execution_id uuid, n integer, lease uuid, outcome text, record_ended boolean)
  WHERE i.execution_id = l.execution_id AND i.n = l.n AND i.lease = l.lease AND i.outcome IS NULL
  RETURNING ${itemColumns('i')}`;

/** Takes back what services hold that do not say anything any more. */
@Injectable()
export class ExpireLeases {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
    private readonly policy: RetryPolicy,
  ) {}

  /** @returns how many leases had expired */
  expire(): Promise<number> {
    return this.source.transaction(async (transaction) => {
      // One at a time: what it finds expired nobody else takes back, and nobody holds.
      if (!(await holds(transaction, 'leases'))) return 0;
      const items = await transaction.rows<ReplayItem>(EXPIRED_SQL);
      if (items.length > 0) await this.takeBack(transaction, items);
      return items.length;
    });
  }

  private async takeBack(transaction: Transaction, items: readonly ReplayItem[]): Promise<void> {
    const ended = await endedRecords(
      transaction,
      items.map((item) => ({ execution_id: item.execution_id, id: recordOf(item) })),
    );
    for (const queue of new Set(items.map(queueOfItem))) {
      const here = items.filter((item) => queueOfItem(item) === queue);
      const over = here.filter((item) => ended.has(recordOf(item))).map(jobOf);
      const back = here.filter((item) => !ended.has(recordOf(item))).map(jobOf);
      // It came to its end, only saying so did not work out.
      if (over.length > 0) await this.queue.complete(transaction, queue, over);
      if (back.length > 0) await this.queue.fail(transaction, queue, back, { reason: 'the lease expired' });
    }
    const changes = items.map((item) => ({
      execution_id: item.execution_id,
      n: item.n,
      lease: item.lease,
      outcome: ended.get(recordOf(item)) ?? null,
      // The last attempt is left open: whoever buries the job says why.
      record_ended: ended.has(recordOf(item)) || item.attempt < this.policy.attempts,
    }));
    const changed = await transaction.rows<ReplayItem>(TAKE_BACK_SQL, [JSON.stringify(changes)]);
    for (const executionId of executionsOf(changed)) {
      const mine = changed.filter((item) => item.execution_id === executionId);
      await decideEvents(transaction, executionId, mine.filter(isAbandoned).map(abandoned));
      const outcomes = mine.flatMap(({ outcome }): ReplayOutcome[] => (outcome === null ? [] : [outcome]));
      await countOver(transaction, executionId, countsOf(outcomes));
    }
  }
}

const isAbandoned = ({ outcome, record_ended: ended }: ReplayItem): boolean => outcome === null && ended;

/** Nobody knows how far the attempt got; the next one has a record of its own. */
const abandoned = (item: ReplayItem): ReplayFact => ({
  type: 'record.cancelled',
  recordId: recordOf(item),
  data: {
    reason: `the lease of attempt ${item.attempt} expired: the service that had it did not say anything any more`,
  },
});
