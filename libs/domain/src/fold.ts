import {
  assertNever,
  compareDecisions,
  compareEvents,
  decisionOf,
  type Decision,
  type RecordCancelled,
  type RecordCompleted,
  type RecordEvent,
  type RecordFailed,
  type RecordRegistered,
  type RecordStarted,
} from './events';
import { emptyRecord, type RecordKey, type RecordState } from './record';

// How the events of one record make its row. Of several events of one kind the earliest by (time, id) decides and the
// others only count as conflicts. Counts of children are not the record's own events' business: see projection.ts.

type Terminal = RecordCompleted | RecordFailed | RecordCancelled;

/** The decision an event of this kind competes with. */
function decidedBy(record: RecordState, event: RecordEvent): Decision | null {
  switch (event.type) {
    case 'record.registered':
      return record.registration;
    case 'record.started':
      return record.start;
    case 'record.completed':
    case 'record.failed':
    case 'record.cancelled':
      return record.terminal;
    default:
      return assertNever(event);
  }
}

/** Whether `event` comes before the one that has decided so far: then the record must be folded again from all its events. */
export function overturns(record: RecordState, event: RecordEvent): boolean {
  const decided = decidedBy(record, event);
  return decided !== null && compareDecisions(decisionOf(event), decided) < 0;
}

/**
 * The record after one more event.
 * @param event must not overturn a decision of `record` and must not have been folded into it before
 */
export function evolve(record: RecordState, event: RecordEvent): RecordState {
  if (decidedBy(record, event) !== null) return { ...record, conflicts: record.conflicts + 1 };
  switch (event.type) {
    case 'record.registered':
      return register(record, event);
    case 'record.started':
      return start(record, event);
    case 'record.completed':
    case 'record.failed':
    case 'record.cancelled':
      return end(record, event);
    default:
      return assertNever(event);
  }
}

function register(record: RecordState, event: RecordRegistered): RecordState {
  const { data, occurredAt } = event;
  const startedNow = data.started === true;
  // Until now only a start can have given an input, and only a terminal event metadata.
  const otherInput = inputsDiffer(data, record);
  return {
    ...record,
    registration: decisionOf(event),
    routeId: data.routeId,
    adapterName: data.adapterName,
    parentId: data.parentId ?? null,
    joinedParentIds: data.joinedParentIds ?? null,
    batchId: data.batchId ?? null,
    retryOf: data.retryOf ?? null,
    replayOfRecord: data.replayOfRecord ?? null,
    inputHash: data.inputHash ?? record.inputHash,
    inputPayload: data.inputPayload ?? record.inputPayload,
    started: record.started || startedNow,
    startedAt:
      record.startedAt === null
        ? occurredAt
        : startedNow
          ? Math.min(record.startedAt, occurredAt)
          : record.startedAt,
    metadata: overlaid(data.metadata ?? null, record.metadata),
    conflicts: record.conflicts + (otherInput ? 1 : 0),
  };
}

function start(record: RecordState, event: RecordStarted): RecordState {
  const { inputHash, inputPayload } = event.data;
  return {
    ...record,
    start: decisionOf(event),
    started: true,
    startedAt:
      record.started && record.startedAt !== null
        ? Math.min(record.startedAt, event.occurredAt)
        : event.occurredAt,
    inputHash: record.inputHash ?? inputHash ?? null,
    inputPayload: record.inputPayload ?? inputPayload ?? null,
    conflicts: record.conflicts + (inputsDiffer(event.data, record) ? 1 : 0),
  };
}

function end(record: RecordState, event: Terminal): RecordState {
  return {
    ...record,
    ...outcomeOf(event),
    terminal: decisionOf(event),
    metadata: overlaid(record.metadata, event.data.metadata ?? null),
  };
}

function outcomeOf(event: Terminal): Partial<RecordState> {
  switch (event.type) {
    case 'record.completed':
      return {
        status: 'completed',
        outputHash: event.data.outputHash ?? null,
        outputPayload: event.data.outputPayload ?? null,
      };
    case 'record.failed':
      return { status: 'failed', error: event.data.error };
    case 'record.cancelled':
      return { status: 'cancelled', cancelReason: event.data.reason ?? null };
    default:
      return assertNever(event);
  }
}

/** Whether a registration and a start tell of different inputs, by hash or by bytes: one conflict either way. */
const inputsDiffer = (
  data: RecordStarted['data'],
  record: Pick<RecordState, 'inputHash' | 'inputPayload'>,
): boolean =>
  differ(data.inputHash, record.inputHash) || differ(data.inputPayload?.key, record.inputPayload?.key);

const differ = (a: string | null | undefined, b: string | null | undefined): boolean =>
  typeof a === 'string' && typeof b === 'string' && a !== b;

const overlaid = (below: RecordState['metadata'], above: RecordState['metadata']): RecordState['metadata'] =>
  below && above ? { ...below, ...above } : (above ?? below);

/** The record all of whose events are `events` (each once, in any order), without its counts of children. */
export function foldRecord(key: RecordKey, events: readonly RecordEvent[]): RecordState {
  return [...events].sort(compareEvents).reduce(evolve, emptyRecord(key));
}
