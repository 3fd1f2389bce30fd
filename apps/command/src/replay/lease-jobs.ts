import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { handOut, NOTHING, type HandedOut, type LeasedJob } from './hand-out';
import { ReplayQueue } from './replay-queue';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource } from './replay-source';
import { WorkBell } from './work-bell';

/** An adapter whose work a service takes; without a route, that of every route. */
export interface ReplayedAdapter {
  readonly adapterName: string;
  readonly routeId?: string | undefined;
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
        const { jobs, over } = await this.takeUnlessGone(queue, max - leased.length, leaseMs, signal);
        leased.push(...jobs);
        if (over > 0) this.rounds.hurry();
        else if (jobs.length === 0) break;
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
  ): Promise<HandedOut> {
    try {
      return await this.source.transaction(async (transaction) => {
        const handedOut = await handOut(transaction, this.queue, { queue, count, leaseMs });
        signal.throwIfAborted();
        return handedOut;
      });
    } catch (error) {
      if (signal.aborted) return NOTHING;
      throw error;
    }
  }
}
