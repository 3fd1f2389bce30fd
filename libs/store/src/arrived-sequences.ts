import {
  NO_RECORDER,
  sequencesOf,
  type EventSource,
  type EventType,
  type SequenceRange,
  type Sequences,
} from '@factflow/domain';
import { toMultirange } from './multirange';

/** What became of an event, as far as completeness is concerned. */
export type Arrival = 'new' | 'known' | 'rejected';

/** As much of an event as completeness needs. */
export interface ArrivedEvent {
  readonly executionId: string;
  readonly type: EventType | undefined;
  readonly source?: EventSource | undefined;
}

/** Numbers that mostly come in ascending order, as ranges. */
class Runs {
  private readonly ranges: [number, number][] = [];

  add(sequence: number): void {
    const last = this.ranges.at(-1);
    if (last && sequence === last[1] + 1) last[1] = sequence;
    else this.ranges.push([sequence, sequence]);
  }

  addAll(other: Runs): void {
    for (const [from, to] of other.ranges) this.ranges.push([from, to]);
  }

  result(): Sequences {
    return sequencesOf(this.ranges as readonly SequenceRange[]);
  }

  /** Numbers that were added more than once. */
  repeated(): Sequences {
    const twice: SequenceRange[] = [];
    let reach = 0;
    for (const [from, to] of [...this.ranges].sort((a, b) => a[0] - b[0])) {
      if (from <= reach) twice.push([from, Math.min(to, reach)]);
      reach = Math.max(reach, to);
    }
    return sequencesOf(twice);
  }
}

interface Arrived {
  /** of events that were new: each event once, however often it is sent */
  readonly accepted: Runs;
  readonly known: Runs;
  readonly rejected: Runs;
}

interface Seen {
  started: number | undefined;
  ended: number | undefined;
  end: 'new' | 'known' | undefined;
  readonly rejected: Runs;
}

const nothingArrived = (): Arrived => ({ accepted: new Runs(), known: new Runs(), rejected: new Runs() });
const nothingSeen = (): Seen => ({
  started: undefined,
  ended: undefined,
  end: undefined,
  rejected: new Runs(),
});

const ENDS: ReadonlySet<EventType | undefined> = new Set<EventType>([
  'execution.completed',
  'execution.failed',
  'execution.cancelled',
]);

/** Which sequences of which recorders have arrived, and which recorders were seen in which executions. */
export class ArrivedSequences {
  private readonly recorders = new Map<string, Arrived>();
  /** by execution and recorder */
  private readonly seen = new Map<string, Map<string, Seen>>();
  // Events that follow each other are mostly of one execution and one recorder.
  private lastExecution = '';
  private lastRecorder = '';
  private lastArrived: Arrived | undefined;
  private lastSeen: Seen = nothingSeen();

  get isEmpty(): boolean {
    return this.seen.size === 0;
  }

  /** Notes an event. One without a source is noted as well: nobody can tell what is missing beside it. */
  add({ executionId, type, source }: ArrivedEvent, arrival: Arrival): void {
    const recorderId = source?.recorderId ?? NO_RECORDER;
    if (executionId !== this.lastExecution || recorderId !== this.lastRecorder)
      this.turnTo(executionId, recorderId);
    const seen = this.lastSeen;
    if (arrival !== 'rejected') {
      if (type === 'execution.started') seen.started = least(seen.started, source?.sequence);
      if (ENDS.has(type)) {
        seen.ended = most(seen.ended, source?.sequence);
        seen.end = seen.end === 'new' ? 'new' : arrival;
      }
    }
    if (!source || !this.lastArrived) return;
    if (arrival === 'new') this.lastArrived.accepted.add(source.sequence);
    else if (arrival === 'known') this.lastArrived.known.add(source.sequence);
    else {
      this.lastArrived.rejected.add(source.sequence);
      seen.rejected.add(source.sequence);
    }
  }

  /** Notes all that another has noted. */
  addAll(other: ArrivedSequences): void {
    for (const [recorderId, arrived] of other.recorders) {
      const own = this.arrivedOf(recorderId);
      own.accepted.addAll(arrived.accepted);
      own.known.addAll(arrived.known);
      own.rejected.addAll(arrived.rejected);
    }
    for (const [executionId, recorderId, seen] of other.pairs()) {
      const own = this.seenOf(executionId, recorderId);
      own.started = least(own.started, seen.started);
      own.ended = most(own.ended, seen.ended);
      own.end = own.end === 'new' ? 'new' : (seen.end ?? own.end);
      own.rejected.addAll(seen.rejected);
    }
  }

  /** The rows of recorders, as JSON. */
  recordersJson(): string {
    return JSON.stringify(
      [...this.recorders].map(([recorder_id, { accepted, known, rejected }]) => ({
        recorder_id,
        accepted: toMultirange(accepted.result()),
        repeated: toMultirange(accepted.repeated()),
        known: toMultirange(known.result()),
        rejected: toMultirange(rejected.result()),
      })),
    );
  }

  /** The rows of recorders in executions, as JSON. */
  coverageJson(): string {
    return JSON.stringify(
      [...this.pairs()].map(([execution_id, recorder_id, seen]) => ({
        execution_id,
        recorder_id,
        started_sequence: seen.started,
        ended_sequence: seen.ended,
        ended: seen.end !== undefined,
        ended_now: seen.end === 'new',
        rejected: toMultirange(seen.rejected.result()),
      })),
    );
  }

  private turnTo(executionId: string, recorderId: string): void {
    this.lastExecution = executionId;
    this.lastRecorder = recorderId;
    this.lastArrived = recorderId === NO_RECORDER ? undefined : this.arrivedOf(recorderId);
    this.lastSeen = this.seenOf(executionId, recorderId);
  }

  private arrivedOf(recorderId: string): Arrived {
    const known = this.recorders.get(recorderId);
    if (known) return known;
    const arrived = nothingArrived();
    this.recorders.set(recorderId, arrived);
    return arrived;
  }

  private seenOf(executionId: string, recorderId: string): Seen {
    let recorders = this.seen.get(executionId);
    if (!recorders) this.seen.set(executionId, (recorders = new Map()));
    let seen = recorders.get(recorderId);
    if (!seen) recorders.set(recorderId, (seen = nothingSeen()));
    return seen;
  }

  private *pairs(): Generator<readonly [executionId: string, recorderId: string, seen: Seen]> {
    for (const [executionId, recorders] of this.seen)
      for (const [recorderId, seen] of recorders) yield [executionId, recorderId, seen];
  }
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const most = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
