import type { ErrorInfo } from '@factflow/domain';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { countOver } from './count-over';
import { heldJob, lost, type JobName } from './held-job';
import { endedRecords } from './record-statuses';
import { ReplayError } from './replay-error';
import type { ReplayFact, ReplayItem, ReplayOutcome } from './replay';
import { decideEvents } from './replay-events';
import { jobOf, recordOf } from './replay-ids';
import { queueOfItem, ReplayQueue } from './replay-queue';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource, type Transaction } from './replay-source';

/** What a service says of a job it holds. */
export type Settlement =
  | { readonly kind: 'completed'; readonly outputHash: string | undefined }
  /** @property retry whether another attempt may change that */
  | { readonly kind: 'failed'; readonly error: ErrorInfo; readonly retry: boolean };

/** Ends a job, or gives it back. */
export class SettleJob extends Command<SettledJob> {
  constructor(
    readonly job: JobName,
    readonly settlement: Settlement,
  ) {
    super();
  }
}

export interface SettledJob {
  /** null: another attempt follows, or the job is given up */
  readonly outcome: ReplayOutcome | null;
}

interface Decided extends SettledJob {
  /** whether there is something that rounds are to go on with */
  readonly decided: boolean;
}

// Where the record has ended, nothing is decided here that could not be found out again: the commit needs not be waited for,
// and the row with the counts is free sooner for the next one.
const RELAXED_SQL = 'SET LOCAL synchronous_commit TO off';
// Both served by the primary key.
const OVER_SQL = `
  UPDATE lineage_replay_item SET outcome = $4, lease_expires_at = NULL
  WHERE execution_id = $1 AND n = $2 AND lease = $3 AND lease_expires_at > now() AND outcome IS NULL RETURNING n`;
const BACK_SQL = `
  UPDATE lineage_replay_item SET record_ended = true, lease_expires_at = NULL, lease = NULL
  WHERE execution_id = $1 AND n = $2 AND lease = $3 AND lease_expires_at > now() AND outcome IS NULL RETURNING n`;

@CommandHandler(SettleJob)
export class SettleJobHandler implements ICommandHandler<SettleJob> {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
    private readonly rounds: ReplayRounds,
  ) {}

  /** Done again by who did it, it changes nothing. @throws ReplayError when the lease is not, or no longer, theirs */
  async execute({ job, settlement }: SettleJob): Promise<SettledJob> {
    const item = await heldJob(this.source, job);
    if (item.outcome !== null) return { outcome: item.outcome };
    await this.queue.ready();
    const settled = await this.settle(item, settlement).catch(async (error: unknown): Promise<Decided> => {
      if (!(error instanceof ReplayError)) throw error;
      // The same may have been said at the same time: then it is over, and the lease still theirs.
      const { outcome } = await heldJob(this.source, job);
      if (outcome === null) throw error;
      return { outcome, decided: false };
    });
    // What was decided here is to be seen soon; else the next round is soon enough.
    if (settled.decided) this.rounds.hurry();
    return { outcome: settled.outcome };
  }

  private settle(item: ReplayItem, settlement: Settlement): Promise<Decided> {
    return this.source.transaction((transaction) =>
      settlement.kind === 'failed' && settlement.retry
        ? this.giveBack(transaction, item, settlement.error)
        : this.end(transaction, item, settlement),
    );
  }

  /** The record says how it ended; one that nobody has ended is ended here, on the word of the service. */
  private async end(transaction: Transaction, item: ReplayItem, settlement: Settlement): Promise<Decided> {
    const { execution_id: executionId, n } = item;
    const status = await statusOf(transaction, item);
    const outcome = status ?? settlement.kind;
    if (status !== undefined) await transaction.rows(RELAXED_SQL);
    await this.queue.complete(transaction, queueOfItem(item), [jobOf(item)]);
    const changed = await transaction.rows(OVER_SQL, [executionId, n, item.lease, outcome]);
    if (changed.length === 0) throw lost(item);
    if (status === undefined) await decideEvents(transaction, executionId, [factOf(item, settlement)]);
    const ended = await countOver(transaction, executionId, { [outcome]: 1 });
    return { outcome, decided: ended || status === undefined };
  }

  private async giveBack(transaction: Transaction, item: ReplayItem, error: ErrorInfo): Promise<Decided> {
    const { execution_id: executionId, n } = item;
    const status = await statusOf(transaction, item);
    // What has completed is not done again, whatever is said of it.
    if (status === 'completed')
      return this.end(transaction, item, { kind: 'completed', outputHash: undefined });
    await this.queue.fail(transaction, queueOfItem(item), [jobOf(item)], { error });
    const back = await transaction.rows(BACK_SQL, [executionId, n, item.lease]);
    if (back.length === 0) throw lost(item);
    if (status === undefined)
      await decideEvents(transaction, executionId, [factOf(item, { kind: 'failed', error, retry: true })]);
    return { outcome: null, decided: true };
  }
}

async function statusOf(
  transaction: Transaction,
  item: ReplayItem,
): Promise<'completed' | 'failed' | 'cancelled' | undefined> {
  const id = recordOf(item);
  return (await endedRecords(transaction, [{ execution_id: item.execution_id, id }])).get(id);
}

function factOf(item: ReplayItem, settlement: Settlement): ReplayFact {
  const recordId = recordOf(item);
  if (settlement.kind === 'failed')
    return { type: 'record.failed', recordId, data: { error: settlement.error } };
  const { outputHash } = settlement;
  return { type: 'record.completed', recordId, data: outputHash === undefined ? {} : { outputHash } };
}
