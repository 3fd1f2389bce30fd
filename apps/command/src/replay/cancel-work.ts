import { Injectable } from '@nestjs/common';
import { countOver } from './count-over';
import { itemColumns, REPLAY_COLUMNS, type ReplayFact, type ReplayItem, type ReplayRow } from './replay';
import { decideEvents } from './replay-events';
import { attemptId, jobOf } from './replay-ids';
import { holds } from './replay-locks';
import { queueOfItem, ReplayQueue } from './replay-queue';
import { ReplaySource, type Transaction } from './replay-source';

const BATCH = 1000;

// All served by primary keys.
const REPLAY_SQL = `SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE execution_id = $1`;
const LEFT_SQL = `
  SELECT ${itemColumns('i')} FROM lineage_replay_item i
  WHERE execution_id = $1 AND n > $2 AND outcome IS NULL ORDER BY n LIMIT ${BATCH}`;
const TAKE_OUT_SQL = `
  UPDATE lineage_replay_item i SET outcome = 'cancelled', lease_expires_at = NULL
  WHERE execution_id = $1 AND n = ANY($2::integer[]) AND outcome IS NULL RETURNING ${itemColumns('i')}`;

/** Takes the work of cancelled replays out of the queue and ends the records that nobody will end. */
@Injectable()
export class TakeOut {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
  ) {}

  async takeOut(executionId: string): Promise<void> {
    for (let last: number | undefined = 0; last !== undefined;) {
      const from: number = last;
      last = await this.source.transaction((transaction) => this.takeBatch(transaction, executionId, from));
    }
  }

  /** @returns the last message of the batch; undefined when there is nothing left, or somebody else is at it */
  private async takeBatch(
    transaction: Transaction,
    executionId: string,
    from: number,
  ): Promise<number | undefined> {
    if (!(await holds(transaction, `jobs of ${executionId}`))) return undefined;
    const [replay] = await transaction.rows<ReplayRow>(REPLAY_SQL, [executionId]);
    if (replay?.state !== 'cancelling') return undefined;
    const queued = Number(replay.queued);
    const left = await transaction.rows<ReplayItem>(LEFT_SQL, [executionId, from]);
    for (const queue of new Set(left.map(queueOfItem))) {
      const jobs = left.filter((item) => item.n <= queued && queueOfItem(item) === queue);
      if (jobs.length > 0) await this.queue.cancel(transaction, queue, jobs.map(jobOf));
    }
    const out = await transaction.rows<ReplayItem>(TAKE_OUT_SQL, [executionId, left.map(({ n }) => n)]);
    const open = out.filter(({ n, record_ended: ended }) => n <= queued && !ended);
    await decideEvents(transaction, executionId, open.map(cancelled));
    await countOver(transaction, executionId, { cancelled: out.length });
    return left.at(-1)?.n;
  }
}

const cancelled = ({ execution_id: executionId, n, attempt }: ReplayItem): ReplayFact => ({
  type: 'record.cancelled',
  recordId: attemptId(executionId, n, Math.max(attempt, 1)),
  data: { reason: 'the replay was cancelled' },
});
