import type { LineageEvent, Rejection } from '@factflow/domain';
import { appendToLane, laneOf, type AppendOutcome } from '@factflow/store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { IngestMetrics } from './ingest-metrics';
import { LaneQueues } from './lane-queues';
import type { Batch } from './parse-batch';

/** What became of a batch, after commit. */
export interface AppendReport {
  readonly accepted: number;
  readonly duplicates: number;
  /** in the order of the request */
  readonly rejected: readonly Rejection[];
}

/** Stores a batch and folds it into the rows. */
export class AppendEvents extends Command<AppendReport> {
  constructor(readonly batch: Batch) {
    super();
  }
}

@CommandHandler(AppendEvents)
export class AppendEventsHandler implements ICommandHandler<AppendEvents> {
  private readonly lanes = new LaneQueues((lane, events) => this.append(lane, events));

  constructor(
    private readonly database: Database,
    private readonly metrics: IngestMetrics,
  ) {}

  /** @throws when the database is away: what had committed comes back as duplicates when all is sent again */
  async execute({ batch }: AppendEvents): Promise<AppendReport> {
    const outcomes = new Array<AppendOutcome>(batch.events.length);
    const parts = [...byLane(batch.events)].map(async ([lane, positions]) => {
      const events = positions.map((position) => batch.events[position] as LineageEvent);
      const part = await this.lanes.add(lane, events);
      positions.forEach((position, n) => (outcomes[position] = part[n] as AppendOutcome));
    });
    const [failure] = (await Promise.allSettled(parts)).filter((part) => part.status === 'rejected');
    if (failure) throw failure.reason;
    return this.count(reportOf(batch, outcomes));
  }

  private async append(lane: number, events: readonly LineageEvent[]) {
    const result = await appendToLane(await this.database.writable(), lane, events);
    this.metrics.overturned.inc(result.overturned);
    return result;
  }

  private count(report: AppendReport): AppendReport {
    this.metrics.events.inc({ outcome: 'accepted' }, report.accepted);
    this.metrics.events.inc({ outcome: 'duplicate' }, report.duplicates);
    for (const { code } of report.rejected) this.metrics.events.inc({ outcome: code });
    return report;
  }
}

/** Positions in `events` by lane. */
function byLane(events: readonly LineageEvent[]): Map<number, number[]> {
  const lanes = new Map<number, number[]>();
  events.forEach(({ executionId }, position) => {
    const lane = laneOf(executionId);
    const positions = lanes.get(lane);
    if (positions) positions.push(position);
    else lanes.set(lane, [position]);
  });
  return lanes;
}

function reportOf({ events, indexes, rejected }: Batch, outcomes: readonly AppendOutcome[]): AppendReport {
  const refused = outcomes.flatMap((outcome, n): Rejection[] =>
    typeof outcome === 'string'
      ? []
      : [{ index: indexes[n] as number, eventId: (events[n] as LineageEvent).eventId, ...outcome }],
  );
  return {
    accepted: outcomes.filter((outcome) => outcome === 'accepted').length,
    duplicates: outcomes.filter((outcome) => outcome === 'duplicate').length,
    rejected: [...rejected, ...refused].sort((a, b) => a.index - b.index),
  };
}
