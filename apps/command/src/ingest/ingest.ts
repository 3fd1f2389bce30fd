import type { LineageEvent, Rejection } from '@factflow/domain';
import {
  appendToLane,
  ArrivedSequences,
  KnownRows,
  laneOf,
  writeCoverage,
  type AppendOutcome,
  type AppendResult,
  type Arrival,
} from '@factflow/store';
import type { DataSource } from 'typeorm';
import { CoverageWriter } from './coverage-writer';
import { LaneQueues } from './lane-queues';
import { parseBatch, type Batch, type BatchFormat } from './parse-batch';

/** What became of a request, after commit. */
export interface AppendReport {
  readonly accepted: number;
  readonly duplicates: number;
  /** in the order of the request */
  readonly rejected: readonly Rejection[];
}

/** Reads requests, stores their events and folds them into the rows. Requests share commits. */
export class Ingest {
  private readonly lanes = new LaneQueues((lane, events) => this.appendToLane(lane, events));
  private readonly coverage = new CoverageWriter(async (arrived) =>
    writeCoverage(await this.database(), arrived),
  );
  private readonly known = new KnownRows();
  private overturned = 0;

  /** @param database gives the data source on a migrated database, or throws when it cannot be reached */
  constructor(private readonly database: () => Promise<DataSource>) {}

  /**
   * @param body UTF-8
   * @throws ProblemError for a request that cannot be read at all, and whatever the database fails with: what had
   *   committed then comes back as duplicates when all is sent again
   */
  async append(body: Uint8Array, format: BatchFormat): Promise<AppendReport> {
    // Not Buffer.toString: a byte order mark is no part of the first event.
    const batch = parseBatch(new TextDecoder().decode(body), format);
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
    return reportOf(batch, outcomes);
  }

  /** How many records have had an earlier decision overturned since the last call. */
  takeOverturned(): number {
    const { overturned } = this;
    this.overturned = 0;
    return overturned;
  }

  private async appendToLane(lane: number, events: readonly LineageEvent[]): Promise<AppendResult> {
    const result = await appendToLane(await this.database(), lane, events, this.known);
    this.overturned += result.overturned;
    return result;
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
