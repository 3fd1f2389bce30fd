import { toLine, type RecordRegisteredData } from '@factflow/domain';
import { Injectable } from '@nestjs/common';
import { itemColumns, REPLAY_COLUMNS, type ReplayItem, type ReplayRow } from './replay';
import { replayEvent, ReplayEvents } from './replay-events';
import { attemptId, jobId } from './replay-ids';
import { holds } from './replay-locks';
import { queueOf, ReplayQueue } from './replay-queue';
import { ReplaySource, type Transaction } from './replay-source';
import { countOver } from './count-over';

// How a replay gets under way. Its messages are put down and checked; what follows from them (ids, events, jobs) is always
// the same. A batch is appended, then its jobs are put into the queue in the transaction that says how far this got. A
// crash in between makes whoever goes on append the batch again: all of it is there already, and stays as it is.

/** Part of what a crash must not change: the batch that was at work is found again. */
const BATCH = 1000;

// Served by the primary keys.
const REPLAY_SQL = `SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE execution_id = $1`;
const ITEMS_SQL = `
  SELECT ${itemColumns('i')} FROM lineage_replay_item i WHERE execution_id = $1 AND n > $2 ORDER BY n LIMIT ${BATCH}`;
const QUEUES_SQL = 'SELECT queue FROM lineage_replay_queue WHERE execution_id = $1';
const QUEUED_SQL = `
  UPDATE lineage_replay SET queued = $2,
    state = CASE WHEN state = 'stopping' THEN 'cancelling' WHEN $2 < total THEN state ELSE 'running' END
  WHERE execution_id = $1`;

/** What is told of a record when it is registered; every attempt repeats it. */
export const registrationOf = (item: ReplayItem): RecordRegisteredData => {
  const [input] = item.inputs;
  return {
    routeId: item.route_id,
    adapterName: item.adapter_name,
    replayOfRecord: item.original_id,
    ...(item.input_hash !== null && { inputHash: item.input_hash }),
    ...(!item.joined &&
      typeof input?.key === 'string' && {
        inputPayload: { key: input.key, redacted: false, contentType: input.content_type },
      }),
  };
};

/** Registers the records of replays that have been asked for, and queues their jobs. */
@Injectable()
export class QueueRecords {
  constructor(
    private readonly source: ReplaySource,
    private readonly queue: ReplayQueue,
    private readonly events: ReplayEvents,
  ) {}

  /** Does one batch. @returns false when there is none left, or somebody else is at it */
  async queueBatch(executionId: string): Promise<boolean> {
    const queues = await this.source.rows<{ queue: string }>(QUEUES_SQL, [executionId]);
    for (const { queue } of queues) await this.queue.make(queue);
    return this.source.transaction(async (transaction) => {
      if (!(await holds(transaction, `jobs of ${executionId}`))) return false;
      const [replay] = await transaction.rows<ReplayRow>(REPLAY_SQL, [executionId]);
      if (replay?.state !== 'starting' && replay?.state !== 'stopping') return false;
      await this.register(transaction, replay);
      return replay.state === 'starting';
    });
  }

  private async register(transaction: Transaction, replay: ReplayRow): Promise<void> {
    const { execution_id: executionId, state } = replay;
    const queued = Number(replay.queued);
    const items = await transaction.rows<ReplayItem>(ITEMS_SQL, [executionId, queued]);
    await this.events.append([...(queued === 0 ? [startOf(replay)] : []), ...items.map(lineOf(replay))]);
    if (state === 'starting')
      await this.queue.put(
        transaction,
        items.map(({ n, route_id: routeId, adapter_name: adapterName }) => ({
          id: jobId(executionId, n),
          queue: queueOf(routeId, adapterName),
          data: { execution_id: executionId, n },
        })),
      );
    await transaction.rows(QUEUED_SQL, [executionId, queued + items.length]);
    // With the last batch queued, those at work may be over already.
    await countOver(transaction, executionId, {});
  }
}

function startOf(replay: ReplayRow): string {
  const { execution_id: executionId, request, name } = replay;
  return toLine(
    replayEvent(executionId, 'starter', 1, replay.created_at.getTime(), {
      type: 'execution.started',
      recordId: undefined,
      data: {
        ...(name !== null && { name }),
        replayOf: replay.replay_of,
        fromStage: request.fromStage,
        metadata: {
          ...(request.reason !== null && { reason: request.reason }),
          ...(request.routeId !== null && { route_id: request.routeId }),
          only_failed: request.onlyFailed,
        },
      },
    }),
  );
}

const lineOf =
  ({ execution_id: executionId, created_at: createdAt }: ReplayRow) =>
  (item: ReplayItem): string =>
    toLine(
      replayEvent(executionId, 'starter', item.n + 1, createdAt.getTime(), {
        type: 'record.registered',
        recordId: attemptId(executionId, item.n, 1),
        data: registrationOf(item),
      }),
    );
