import {
  COMPLETIONS,
  completionOf,
  executionCompletionOf,
  executionStartedAt,
  formatTime,
  summariseDurations,
  type AdapterStatistics,
  type ErrorInfo,
  type ExecutionState,
  type PayloadRef,
  type RecordState,
} from '@factflow/domain';
import type { Rows } from '@factflow/domain/testing';
import { get, getAll } from './posting';

// What the REST API must answer for rows, written down once more instead of taken from the query app.

const timeOf = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : formatTime(time);
const errorOf = (error: ErrorInfo | null) =>
  error && { class: error.class, message: error.message, traceback: error.traceback ?? null };
// Nothing is in the store: these are rows of events alone.
const payloadOf = (payload: PayloadRef | null) =>
  payload && {
    key: payload.key,
    redacted: payload.redacted,
    content_type: payload.contentType,
    stored: false,
  };

const shownRecord = (record: RecordState) => ({
  id: record.id,
  execution_id: record.executionId,
  route_id: record.routeId,
  adapter_name: record.adapterName,
  parent_id: record.parentId,
  status: record.registration ? record.status : 'unknown',
  input_hash: record.inputHash,
  output_hash: record.outputHash,
  input_payload: payloadOf(record.inputPayload),
  output_payload: payloadOf(record.outputPayload),
  error: errorOf(record.error),
  started_at: timeOf(record.startedAt),
  completed_at: timeOf(record.terminal?.at),
  batch_id: record.batchId,
  metadata: record.metadata,
  pending_children: record.pendingChildren,
  completion: completionOf(record),
  joined_parent_ids: record.joinedParentIds,
  registered_at: timeOf(record.registration?.at),
  started: record.started,
  cancel_reason: record.cancelReason,
  retry_of: record.retryOf,
  replay_of_record: record.replayOfRecord,
  conflicts: record.conflicts,
  stalled: false,
});

const shownExecution = (execution: ExecutionState) => ({
  id: execution.id,
  name: execution.name,
  status: execution.status,
  completion: executionCompletionOf(execution),
  started_at: formatTime(executionStartedAt(execution)),
  completed_at: timeOf(execution.terminal?.at),
  error: errorOf(execution.error),
  replay_of: execution.replayOf,
  from_stage: execution.fromStage,
  metadata: execution.metadata,
  counts: execution.counts,
  unsettled: execution.unsettled,
  placeholders: execution.placeholders,
  pinned: false,
  completeness: expect.objectContaining({ state: 'unknown' }) as object,
});

/** How many adapters and replays an execution is shown with. */
const SHOWN = 20;

function shownDetails({ id }: ExecutionState, rows: Rows) {
  const failing = rows.statistics.filter((part) => part.executionId === id && part.completions.failed > 0);
  const replays = rows.executions.filter(({ replayOf }) => replayOf === id);
  return {
    failing_adapters:
      failing.length > SHOWN
        ? (expect.any(Array) as object[])
        : (expect.arrayContaining(
            failing.map(({ routeId, adapterName, completions }) => ({
              route_id: routeId,
              adapter_name: adapterName,
              failed: completions.failed,
              sample_record_id: expect.any(String) as string,
            })),
          ) as object[]),
    more_failing_adapters: failing.length > SHOWN,
    replays:
      replays.length > SHOWN
        ? (expect.any(Array) as object[])
        : (expect.arrayContaining(
            replays.map(({ id: replay }) => expect.objectContaining({ id: replay }) as object),
          ) as object[]),
    more_replays: replays.length > SHOWN,
  };
}

function shownTotals(parts: readonly AdapterStatistics[]) {
  const count = (name: (typeof COMPLETIONS)[number]): number =>
    parts.reduce((total, { completions }) => total + completions[name], 0);
  const completions = Object.fromEntries(COMPLETIONS.map((name) => [name, count(name)]));
  const sum = parts.reduce((total, { durationMs }) => total + durationMs, 0n);
  return {
    records: COMPLETIONS.reduce((total, name) => total + count(name), 0),
    by_completion: completions,
    by_status: {
      pending: count('pending'),
      completed: count('done') + count('awaiting_children'),
      failed: count('failed'),
      cancelled: count('cancelled'),
    },
    stalled: 0,
    duration_ms: summariseDurations(mergeDurations(parts.map(({ durations }) => durations)), sum),
  };
}

/** Bucket counts of several sums together. */
function mergeDurations(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const durations of all) {
    for (const [bucket, count] of Object.entries(durations)) merged[bucket] = (merged[bucket] ?? 0) + count;
  }
  return merged;
}

const byStart = (a: RecordState, b: RecordState): number =>
  (a.startedAt ?? 0) - (b.startedAt ?? 0) || (a.id < b.id ? -1 : 1);

interface Named {
  readonly route_id: string;
  readonly adapter_name: string;
}
const byName = <Item extends Named>(items: readonly Item[]): Item[] => {
  const key = ({ route_id, adapter_name }: Named): string => JSON.stringify([route_id, adapter_name]);
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** Asks the query app about everything in the rows: lists, records, executions and statistics must agree with them. */
export async function expectShown(url: string, rows: Rows): Promise<void> {
  for (const execution of rows.executions) {
    const { id } = execution;
    const records = rows.records.filter(({ executionId }) => executionId === id);
    const registered = records.filter(({ registration }) => registration).sort(byStart);
    expect((await get(url, `/executions/${id}`)).body).toEqual({
      ...shownExecution(execution),
      ...shownDetails(execution, rows),
    });
    const list = `/lineage?execution_id=${id}&sort=started_at`;
    expect(await getAll(url, list, 7)).toEqual(registered.map(shownRecord));
    await expectStats(url, id, rows);
    for (const record of records) {
      const { body } = await get(url, `/lineage/${record.id}?execution_id=${id}`);
      expect(body).toEqual(shownRecord(record));
    }
  }
}

async function expectStats(url: string, id: string, rows: Rows): Promise<void> {
  const sums = rows.statistics.filter(({ executionId }) => executionId === id);
  const { body } = await get<{ totals: object; adapters: Named[] }>(url, `/lineage/stats?execution_id=${id}`);
  expect(body.totals).toEqual(shownTotals(sums));
  const expected = sums.map((sum) => ({
    route_id: sum.routeId,
    adapter_name: sum.adapterName,
    ...shownTotals([sum]),
  }));
  expect(byName(body.adapters)).toEqual(byName(expected));
}
