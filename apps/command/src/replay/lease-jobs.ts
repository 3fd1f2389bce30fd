import { encodeCarried, LINEAGE_HEADER } from '@factflow/domain';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { countOver, countsOf } from './count-over';
import { registrationOf } from './queue-records';
import { endedRecords } from './record-statuses';
import { itemColumns, type ReplayFact, type ReplayItem, type ReplayOutcome } from './replay';
import { decideEvents } from './replay-events';
import { attemptId, executionsOf, jobOf, recordOf } from './replay-ids';
import { ReplayQueue, type FetchedJob } from './replay-queue';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource, type Transaction } from './replay-source';
import { WorkBell } from './work-bell';

/** An adapter whose work a service takes; without a route, that of every route. */
export interface ReplayedAdapter {
  readonly adapterName: string;
  readonly routeId?: string | undefined;
}

/** Work handed out, until its lease expires. */
export interface LeasedJob {
  /** names the job and the lease; whoever does not know it can do nothing with either */
  readonly job: string;
  readonly item: ReplayItem;
  readonly recordId: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Taken {
  readonly jobs: readonly LeasedJob[];
  readonly taken: number;
}

/** Takes work for adapters; waits for some where there is none. */
export class LeaseJobs extends Command<readonly LeasedJob[]> {
  constructor(
    readonly adapters: readonly ReplayedAdapter[],
    readonly max: number,
    readonly leaseMs: number,
    readonly waitMs: number,
    /** aborts when whoever asked has gone away before the answer was sent */
    readonly signal: AbortSignal,
  ) {
    super();
  }
}

// Replays that are not closed are few: lineage_replay_open, then the primary key.
const QUEUES_SQL = `
  SELECT q.queue FROM lineage_replay r JOIN lineage_replay_queue q USING (execution_id)
  WHERE NOT r.closed AND r.state IN ('starting', 'running') AND EXISTS (
    SELECT FROM json_to_recordset($1::json) AS a(route_id text, adapter_name text)
    WHERE a.adapter_name = q.adapter_name AND (a.route_id IS NULL OR a.route_id = q.route_id))
  GROUP BY q.queue ORDER BY min(r.created_at), q.queue`;
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
// Served by the primary key. Whoever looks for leases that have expired does the rest.
const HAND_BACK_SQL = `
  UPDATE lineage_replay_item i SET lease_expires_at = now()
  FROM json_to_recordset($1::json) AS j(execution_id uuid, n integer, lease uuid)
  WHERE i.execution_id = j.execution_id AND i.n = j.n AND i.lease = j.lease AND i.lease_expires_at > now()`;
/** Rounds in which all that was taken may turn out to be over. */
const MAX_ROUNDS = 20;

@CommandHandler(LeaseJobs)
export class LeaseJobsHandler implements ICommandHandler<LeaseJobs> {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
    private readonly bell: WorkBell,
    private readonly rounds: ReplayRounds,
  ) {}

  /** What was taken for somebody who has gone away is handed out again. */
  async execute(command: LeaseJobs): Promise<readonly LeasedJob[]> {
    const jobs = await this.waitFor(command);
    const handBack = (): Promise<void> => this.handBack(jobs);
    if (command.signal.aborted) await handBack();
    // Where the database is away, the lease expires by itself.
    else
      command.signal.addEventListener('abort', () => void handBack().catch(() => undefined), { once: true });
    return jobs;
  }

  private async waitFor(command: LeaseJobs): Promise<readonly LeasedJob[]> {
    const until = performance.now() + command.waitMs;
    for (;;) {
      const jobs = await this.lease(command);
      const left = until - performance.now();
      if (jobs.length > 0 || left <= 0 || command.signal.aborted) return jobs;
      if (!(await this.bell.wait(left, command.signal))) return [];
    }
  }

  private async handBack(jobs: readonly LeasedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const leases = jobs.map(({ item: { execution_id, n, lease } }) => ({ execution_id, n, lease }));
    await this.source.rows(HAND_BACK_SQL, [JSON.stringify(leases)]);
    this.rounds.hurry();
  }

  private async lease({ adapters, max, leaseMs, signal }: LeaseJobs): Promise<LeasedJob[]> {
    const wanted = adapters.map(({ adapterName, routeId }) => ({
      adapter_name: adapterName,
      route_id: routeId,
    }));
    const queues = await this.source.rows<{ queue: string }>(QUEUES_SQL, [JSON.stringify(wanted)]);
    if (queues.length > 0) await this.queue.ready();
    const leased: LeasedJob[] = [];
    for (const { queue } of queues) {
      for (let round = 0; leased.length < max && round < MAX_ROUNDS && !signal.aborted; round += 1) {
        const { jobs, taken } = await this.takeUnlessGone(queue, max - leased.length, leaseMs, signal);
        leased.push(...jobs);
        if (taken === 0) break;
      }
    }
    // Another attempt has been registered: that is to be seen soon.
    if (leased.some(({ item }) => item.attempt > 1)) this.rounds.hurry();
    return leased;
  }

  /** Taken for somebody who goes away meanwhile, nothing is taken: no attempt counts. */
  private async takeUnlessGone(
    queue: string,
    count: number,
    leaseMs: number,
    signal: AbortSignal,
  ): Promise<Taken> {
    try {
      return await this.source.transaction(async (transaction) => {
        const taken = await this.take(transaction, queue, count, leaseMs);
        signal.throwIfAborted();
        return taken;
      });
    } catch (error) {
      if (signal.aborted) return { jobs: [], taken: 0 };
      throw error;
    }
  }

  private async take(
    transaction: Transaction,
    queue: string,
    count: number,
    leaseMs: number,
  ): Promise<Taken> {
    const taken = await this.queue.take(transaction, queue, count);
    if (taken.length === 0) return { jobs: [], taken: 0 };
    const leases = taken.map(({ data, attempt }) => ({ ...data, attempt, lease: randomUUID() }));
    const items = await transaction.rows<ReplayItem>(HAND_OUT_SQL, [JSON.stringify(leases), leaseMs]);
    const over = await findOver(transaction, items);
    await this.putAway(transaction, queue, taken, items, over);
    const out = items.filter((item) => !over.has(item));
    for (const executionId of executionsOf(out))
      await decideEvents(
        transaction,
        executionId,
        out.filter((item) => item.execution_id === executionId && item.attempt > 1).map(nextAttempt),
      );
    return { jobs: out.map(leasedJob), taken: taken.length };
  }

  /** Jobs that turned out to be over are not handed out, however that came about. */
  private async putAway(
    transaction: Transaction,
    queue: string,
    taken: readonly FetchedJob[],
    items: readonly ReplayItem[],
    over: ReadonlyMap<ReplayItem, ReplayOutcome>,
  ): Promise<void> {
    const out = new Set(items.filter((item) => !over.has(item)).map(jobOf));
    const ended = taken.map(({ id }) => id).filter((id) => !out.has(id));
    if (ended.length === 0) return;
    await this.queue.complete(transaction, queue, ended);
    const outcomes = [...over].map(([{ execution_id, n }, outcome]) => ({ execution_id, n, outcome }));
    await transaction.rows(OVER_SQL, [JSON.stringify(outcomes)]);
    for (const executionId of executionsOf(outcomes))
      await countOver(
        transaction,
        executionId,
        countsOf(outcomes.filter(({ execution_id: id }) => id === executionId).map(({ outcome }) => outcome)),
      );
    this.rounds.hurry();
  }
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
