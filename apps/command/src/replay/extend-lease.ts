import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { heldJob, lost, type JobName } from './held-job';
import { ReplayError } from './replay-error';
import { ReplaySource } from './replay-source';

/** However often it is extended, one attempt may take so long; the queue itself would take it back after 23 hours. */
const MAX_HELD = '12 hours';

/** Keeps a job for longer. */
export class ExtendLease extends Command<Date> {
  constructor(
    readonly job: JobName,
    /** from now on */
    readonly leaseMs: number,
  ) {
    super();
  }
}

// Served by the primary key. A lease that has expired stays so.
const EXTEND_SQL = `
  UPDATE lineage_replay_item SET lease_expires_at = least(now() + $4 * interval '1 millisecond', leased_at + interval '${MAX_HELD}')
  WHERE execution_id = $1 AND n = $2 AND lease = $3 AND lease_expires_at > now() AND outcome IS NULL
  RETURNING lease_expires_at`;

@CommandHandler(ExtendLease)
export class ExtendLeaseHandler implements ICommandHandler<ExtendLease> {
  constructor(private readonly source: ReplaySource) {}

  /** @returns when the lease expires now. @throws ReplayError when it is not, or no longer, theirs */
  async execute({ job, leaseMs }: ExtendLease): Promise<Date> {
    const item = await heldJob(this.source, job);
    if (item.outcome !== null)
      throw new ReplayError('lease_lost', `The message is over already: it is ${item.outcome}.`);
    const [row] = await this.source.rows<{ lease_expires_at: Date }>(EXTEND_SQL, [
      job.executionId,
      job.n,
      job.lease,
      leaseMs,
    ]);
    if (!row) throw lost(item);
    return row.lease_expires_at;
  }
}
