import type { LineageEvent, Rejection } from '@factflow/domain';
import {
  appendToLane,
  ArrivedSequences,
  laneOf,
  writeCoverage,
  type AppendOutcome,
  type Arrival,
} from '@factflow/store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { CoverageWriter } from './coverage-writer';
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
  private readonly coverage = new CoverageWriter(async (arrived) =>
    writeCoverage(await this.database.writable(), arrived),
  );

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
    // Not before all of it is stored; where this fails the request is sent again, and comes back as duplicates.
    await this.coverage.add(arrivedOf(batch, outcomes));
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

/** What of a batch has arrived. Nothing is missing of an execution that was pruned. */
function arrivedOf({ events, refused }: Batch, outcomes: readonly AppendOutcome[]): ArrivedSequences {
  const arrived = new ArrivedSequences();
  events.forEach((event, n) => arrived.add(event, arrivalOf(outcomes[n] as AppendOutcome)));
  for (const event of refused) arrived.add(event, 'rejected');
  return arrived;
}

function arrivalOf(outcome: AppendOutcome): Arrival {
  if (outcome === 'accepted') return 'new';
  return outcome === 'duplicate' || outcome.code === 'pruned' ? 'known' : 'rejected';
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
