import type { LineageEvent } from '@factflow/domain';
import type { AppendOutcome, AppendResult } from '@factflow/store';

/** Appends events of one lane in one transaction. */
export type AppendToLane = (lane: number, events: readonly LineageEvent[]) => Promise<AppendResult>;

interface Waiting {
  readonly events: readonly LineageEvent[];
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Events of one commit at most: past it a commit gets no cheaper per event, only longer. */
const COMMIT_EVENTS = 10_000;

/**
 * One queue a lane. While a lane commits, requests for it gather and then share the next commit; lanes do not wait for
 * each other but for the connections of the pool.
 */
export class LaneQueues {
  private readonly queues = new Map<number, Waiting[]>();

  constructor(private readonly append: AppendToLane) {}

  /** Resolves after commit with an outcome for each event; rejects when nothing can be said of them. */
  add(lane: number, events: readonly LineageEvent[]): Promise<readonly AppendOutcome[]> {
    return new Promise((resolve, reject) => {
      const waiting = { events, resolve, reject };
      const queue = this.queues.get(lane);
      if (queue) queue.push(waiting);
      else {
        const started = [waiting];
        this.queues.set(lane, started);
        void this.drain(lane, started);
      }
    });
  }

  private async drain(lane: number, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await this.commit(lane, take(queue));
    this.queues.delete(lane);
  }

  private async commit(lane: number, sharing: readonly Waiting[]): Promise<void> {
    try {
      const { outcomes } = await this.append(
        lane,
        sharing.flatMap(({ events }) => events),
      );
      let start = 0;
      for (const { events, resolve } of sharing) resolve(outcomes.slice(start, (start += events.length)));
    } catch (error) {
      for (const { reject } of sharing) reject(error);
    }
  }
}

/** As many requests from the front as fit one commit, at least one. */
function take(queue: Waiting[]): Waiting[] {
  let events = 0;
  let count = 0;
  for (const waiting of queue) {
    events += waiting.events.length;
    if (count > 0 && events > COMMIT_EVENTS) break;
    count += 1;
  }
  return queue.splice(0, count);
}
