import { encodeCarried, LINEAGE_HEADER } from '@factflow/domain';
import { randomUUID } from 'node:crypto';
import { countOver, countsOf } from './count-over';
import { registrationOf } from './queue-records';
import { endedRecords } from './record-statuses';
import { itemColumns, type ReplayFact, type ReplayItem, type ReplayOutcome } from './replay';
import { decideEvents } from './replay-events';
import { attemptId, executionsOf, jobOf, recordOf } from './replay-ids';
import type { ReplayQueue } from './replay-queue';
import type { Transaction } from './replay-source';

/** Work handed out, until its lease expires. */
export interface LeasedJob {
  /** names the job and the lease; whoever does not know it can do nothing with either */
  readonly job: string;
  readonly item: ReplayItem;
  readonly recordId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of the jobs that were taken from a queue. */
export interface HandedOut {
  readonly jobs: readonly LeasedJob[];
  /** how many turned out to be over, and were put away */
  readonly over: number;
}

export const NOTHING: HandedOut = { jobs: [], over: 0 };

// Served by the primary key.
const HAND_OUT_SQL = `
  UPDATE lineage_replay_item i SET attempt = j.attempt, record_ended = false, lease = j.lease, leased_at = now(),
    lease_expires_at = now() + $2 * interval '1 millisecond'
  FROM json_to_recordset($1::json) AS j(execution_id uuid, n integer, attempt integer, lease uuid)
  WHERE i.execution_id = j.execution_id AND i.n = j.n AND i.outcome IS NULL
  RETURNING ${itemColumns('i')}`;
const OVER_SQL = `
  UPDATE lineage_replay_item i SET outcome = o.outcome, lease_expires_at = NULL, lease = NULL
  FROM json_to_recordset($1::json) AS o(execution_id uuid, n integer, outcome text)
  WHERE i.execution_id = o.execution_id AND i.n = o.n`;

/** Takes jobs of a queue and hands them out under new leases, all in one transaction. */
export async function handOut(
  transaction: Transaction,
  jobs: ReplayQueue,
  { queue, count, leaseMs }: { readonly queue: string; readonly count: number; readonly leaseMs: number },
): Promise<HandedOut> {
  const taken = await jobs.take(transaction, queue, count);
  if (taken.length === 0) return NOTHING;
  const leases = taken.map(({ data, attempt }) => ({ ...data, attempt, lease: randomUUID() }));
  const items = await transaction.rows<ReplayItem>(HAND_OUT_SQL, [JSON.stringify(leases), leaseMs]);
  const over = await findOver(transaction, items);
  const out = items.filter((item) => !over.has(item));
  const isOut = new Set(out.map(jobOf));
  const ended = taken.map(({ id }) => id).filter((id) => !isOut.has(id));
  if (ended.length > 0) {
    await jobs.complete(transaction, queue, ended);
    await putAway(transaction, over);
  }
  for (const executionId of executionsOf(out))
    await decideEvents(
      transaction,
      executionId,
      out.filter((item) => item.execution_id === executionId && item.attempt > 1).map(nextAttempt),
    );
  return { jobs: out.map(leasedJob), over: ended.length };
}

/** Messages that turned out to be over are not handed out, however that came about. */
async function putAway(
  transaction: Transaction,
  over: ReadonlyMap<ReplayItem, ReplayOutcome>,
): Promise<void> {
  const outcomes = [...over].map(([{ execution_id, n }, outcome]) => ({ execution_id, n, outcome }));
  await transaction.rows(OVER_SQL, [JSON.stringify(outcomes)]);
  for (const executionId of executionsOf(outcomes))
    await countOver(
      transaction,
      executionId,
      countsOf(outcomes.filter(({ execution_id: id }) => id === executionId).map(({ outcome }) => outcome)),
    );
}

/** An attempt before this one may have completed after all, and the record of this one may have been ended by hand. */
async function findOver(
  transaction: Transaction,
  items: readonly ReplayItem[],
): Promise<Map<ReplayItem, ReplayOutcome>> {
  const attempts = items.flatMap(({ execution_id, n, attempt }) =>
    Array.from({ length: attempt }, (_, index) => ({
      execution_id,
      id: attemptId(execution_id, n, index + 1),
    })),
  );
  const ended = await endedRecords(transaction, attempts);
  const over = new Map<ReplayItem, ReplayOutcome>();
  for (const item of items) {
    const statuses = Array.from({ length: item.attempt }, (_, index) =>
      ended.get(attemptId(item.execution_id, item.n, index + 1)),
    );
    const outcome = statuses.includes('completed') ? 'completed' : statuses.at(-1);
    if (outcome) over.set(item, outcome);
  }
  return over;
}

/** A further attempt is a record of its own, that names the first. */
const nextAttempt = (item: ReplayItem): ReplayFact => ({
  type: 'record.registered',
  recordId: recordOf(item),
  data: { ...registrationOf(item), retryOf: attemptId(item.execution_id, item.n, 1) },
});

function leasedJob(item: ReplayItem): LeasedJob {
  const { execution_id: executionId, n, lease } = item;
  const recordId = recordOf(item);
  const header = encodeCarried({ executionId, registration: { id: recordId, data: registrationOf(item) } });
  return {
    job: `${executionId}.${n}.${lease}`,
    item,
    recordId,
    headers: { [LINEAGE_HEADER]: header },
  };
}
