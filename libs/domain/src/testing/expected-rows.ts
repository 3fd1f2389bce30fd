import { compareEvents, isRecordEvent, type LineageEvent, type RecordEvent } from '../events';
import type { ExecutionState } from '../execution';
import type { JoinEdge } from '../projection';
import type { RecordState } from '../record';
import { emptyStatistics, StatisticsSum, statisticsKey, type AdapterStatistics } from '../statistics';

// What the rows of a set of events must be, worked out from scratch and in another way than the projection does it:
// the rules are read off the whole set at once, and the least solution is found by repeating until nothing changes.

/** All rows of some executions, each list in a fixed order. */
export interface Rows {
  readonly records: readonly RecordState[];
  readonly joins: readonly JoinEdge[];
  readonly executions: readonly ExecutionState[];
  readonly statistics: readonly AdapterStatistics[];
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The same rows in the order in which they compare. */
export const rowsOf = (rows: Rows): Rows => ({
  records: [...rows.records].sort((a, b) => compareText(a.executionId + a.id, b.executionId + b.id)),
  joins: [...rows.joins].sort((a, b) =>
    compareText(a.executionId + a.parentId + a.childId, b.executionId + b.parentId + b.childId),
  ),
  executions: [...rows.executions].sort((a, b) => compareText(a.id, b.id)),
  statistics: [...rows.statistics].sort((a, b) => compareText(statisticsKey(a), statisticsKey(b))),
});

/** The rows a set of events must give. Events may come in any order and more than once. */
export function expectedRows(events: readonly LineageEvent[]): Rows {
  const unique = [
    ...new Map(events.map((event) => [event.executionId + event.eventId, event])).values(),
  ].sort(compareEvents);
  const parts = [...new Set(unique.map((event) => event.executionId))].map((id) =>
    rowsOfExecution(
      id,
      unique.filter((event) => event.executionId === id),
    ),
  );
  return rowsOf({
    records: parts.flatMap((part) => part.records),
    joins: parts.flatMap((part) => part.joins),
    executions: parts.flatMap((part) => part.executions),
    statistics: parts.flatMap((part) => part.statistics),
  });
}

function rowsOfExecution(executionId: string, events: readonly LineageEvent[]): Rows {
  const facts = new Map<string, RecordState>();
  const recordEvents = events.filter(isRecordEvent);
  for (const id of new Set(recordEvents.map((event) => event.recordId))) {
    facts.set(
      id,
      recordFrom(
        executionId,
        id,
        recordEvents.filter((event) => event.recordId === id),
      ),
    );
  }
  const parents = new Map<string, Set<string>>();
  for (const record of [...facts.values()]) {
    const ids = new Set([...(record.parentId ? [record.parentId] : []), ...(record.joinedParentIds ?? [])]);
    parents.set(record.id, ids);
    for (const id of ids) if (!facts.has(id)) facts.set(id, recordFrom(executionId, id, []));
  }
  const settled = leastSettled(facts, parents);
  const records = [...facts.values()].map((record) => {
    const children = [...parents].filter(([, ids]) => ids.has(record.id)).map(([id]) => id);
    return {
      ...record,
      children: children.length,
      pendingChildren: children.filter((id) => !settled.has(id)).length,
    };
  });
  return {
    records,
    joins: [...parents].flatMap(([childId, ids]) =>
      [...ids]
        .filter((id) => id !== facts.get(childId)?.parentId)
        .map((parentId) => ({ executionId, parentId, childId })),
    ),
    executions: [executionFrom(executionId, events, records, settled)],
    statistics: statisticsFrom(records),
  };
}

/** Repeats "ended, and no child is missing" over the whole graph until it adds nothing. */
function leastSettled(
  facts: ReadonlyMap<string, RecordState>,
  parents: ReadonlyMap<string, ReadonlySet<string>>,
): Set<string> {
  const settled = new Set<string>();
  for (let before = -1; before !== settled.size;) {
    before = settled.size;
    const blocked = new Set([...parents].filter(([id]) => !settled.has(id)).flatMap(([, ids]) => [...ids]));
    for (const record of facts.values()) {
      if (record.registration && record.status !== 'pending' && !blocked.has(record.id))
        settled.add(record.id);
    }
  }
  return settled;
}

function recordFrom(executionId: string, id: string, events: readonly RecordEvent[]): RecordState {
  const first = <Type extends RecordEvent['type']>(...types: Type[]) =>
    events.find((event): event is Extract<RecordEvent, { type: Type }> =>
      (types as string[]).includes(event.type),
    );
  const registration = first('record.registered');
  const start = first('record.started');
  const terminal = first('record.completed', 'record.failed', 'record.cancelled');
  const starts = [
    ...(start ? [start.occurredAt] : []),
    ...(registration?.data.started ? [registration.occurredAt] : []),
  ];
  const [registeredHash, startHash] = [registration?.data.inputHash, start?.data.inputHash];
  const [registeredPayload, startPayload] = [registration?.data.inputPayload, start?.data.inputPayload];
  const otherInput =
    (registeredHash !== undefined && startHash !== undefined && registeredHash !== startHash) ||
    (registeredPayload !== undefined &&
      startPayload !== undefined &&
      registeredPayload.key !== startPayload.key);
  const deciding = [registration, start, terminal].filter((event) => event !== undefined).length;
  const metadata = [registration?.data.metadata, terminal?.data.metadata].filter(
    (part) => part !== undefined,
  );
  const decision = (event: RecordEvent | undefined) =>
    event ? { at: event.occurredAt, eventId: event.eventId } : null;
  return {
    executionId,
    id,
    registration: decision(registration),
    start: decision(start),
    terminal: decision(terminal),
    status: terminal ? (terminal.type.slice('record.'.length) as RecordState['status']) : 'pending',
    routeId: registration?.data.routeId ?? null,
    adapterName: registration?.data.adapterName ?? null,
    parentId: registration?.data.parentId ?? null,
    joinedParentIds: registration?.data.joinedParentIds ?? null,
    batchId: registration?.data.batchId ?? null,
    inputHash: registeredHash ?? startHash ?? null,
    outputHash: terminal?.type === 'record.completed' ? (terminal.data.outputHash ?? null) : null,
    inputPayload: registeredPayload ?? startPayload ?? null,
    outputPayload: terminal?.type === 'record.completed' ? (terminal.data.outputPayload ?? null) : null,
    error: terminal?.type === 'record.failed' ? terminal.data.error : null,
    cancelReason: terminal?.type === 'record.cancelled' ? (terminal.data.reason ?? null) : null,
    started: starts.length > 0,
    startedAt: starts.length > 0 ? Math.min(...starts) : (registration?.occurredAt ?? null),
    retryOf: registration?.data.retryOf ?? null,
    replayOfRecord: registration?.data.replayOfRecord ?? null,
    metadata:
      metadata.length > 0 ? Object.fromEntries(metadata.flatMap((part) => Object.entries(part))) : null,
    conflicts: events.length - deciding + (otherInput ? 1 : 0),
    children: 0,
    pendingChildren: 0,
  };
}

function executionFrom(
  id: string,
  events: readonly LineageEvent[],
  records: readonly RecordState[],
  settled: ReadonlySet<string>,
): ExecutionState {
  const start = events.find((event) => event.type === 'execution.started');
  const terminal = events.find((event) =>
    ['execution.completed', 'execution.failed', 'execution.cancelled'].includes(event.type),
  );
  const known = records.filter((record) => record.registration);
  const count = (status: string): number => known.filter((record) => record.status === status).length;
  return {
    id,
    start: start ? { at: start.occurredAt, eventId: start.eventId } : null,
    terminal: terminal ? { at: terminal.occurredAt, eventId: terminal.eventId } : null,
    firstEventAt: Math.min(...events.map((event) => event.occurredAt)),
    lastEventAt: Math.max(...events.map((event) => event.occurredAt)),
    status: terminal ? (terminal.type.slice('execution.'.length) as ExecutionState['status']) : 'running',
    name: start?.data.name ?? null,
    replayOf: start?.data.replayOf ?? null,
    fromStage: start?.data.fromStage ?? null,
    metadata: start?.data.metadata ?? null,
    error: terminal?.type === 'execution.failed' ? terminal.data.error : null,
    counts: {
      pending: count('pending'),
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled'),
    },
    unsettled: known.filter((record) => !settled.has(record.id)).length,
    placeholders: records.length - known.length,
  };
}

function statisticsFrom(records: readonly RecordState[]): AdapterStatistics[] {
  const sums = new Map<string, StatisticsSum>();
  for (const record of records) {
    if (record.routeId === null || record.adapterName === null) continue;
    const key = { executionId: record.executionId, routeId: record.routeId, adapterName: record.adapterName };
    const sum = sums.get(statisticsKey(key)) ?? new StatisticsSum(emptyStatistics(key));
    sums.set(statisticsKey(key), sum);
    sum.add(record, 1);
  }
  return [...sums.values()].map((sum) => sum.result());
}
