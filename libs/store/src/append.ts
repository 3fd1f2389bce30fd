import { canonicalJson, toWire, type LineageEvent, type Problem } from '@factflow/domain';
import type { DataSource, QueryRunner } from 'typeorm';
import { isRefusedByContent } from './database-errors';
import { laneOf, LOCK_LANE_SQL } from './lanes';
import { projectEvents } from './projection';
import { EVENT_COLUMNS, eventFromRow, eventToRow, insertSql, type EventRow } from './rows';

/** What became of one event. */
export type AppendOutcome = 'accepted' | 'duplicate' | Problem;

export interface AppendResult {
  /** one for each event, in their order */
  readonly outcomes: readonly AppendOutcome[];
  /** records that had an earlier decision overturned */
  readonly overturned: number;
}

const INSERT_EVENTS_SQL = `${insertSql('lineage_event', EVENT_COLUMNS)} ON CONFLICT DO NOTHING RETURNING execution_id, event_id`;

const STORED_EVENTS_SQL = `
  SELECT e.execution_id, e.event_id, e.type, e.record_id, e.occurred_at, e.recorder_id, e.sequence, e.data
  FROM json_to_recordset($1::json) AS k(execution_id uuid, event_id uuid) JOIN lineage_event e USING (execution_id, event_id)`;

const ID_CONFLICT: Problem = {
  code: 'event_id_conflict',
  message: 'event_id: an event with this id and other content is stored already',
};
const UNSTORABLE: Problem = { code: 'unstorable', message: 'PostgreSQL refuses to store this event' };

const keyOf = (event: LineageEvent): string => event.executionId + event.eventId;
const sameContent = (a: LineageEvent, b: LineageEvent): boolean =>
  canonicalJson(toWire(a)) === canonicalJson(toWire(b));

/**
 * Appends events to the log and folds the new ones into the rows, in one transaction. An event PostgreSQL refuses for
 * what it holds is found by halving and left out; the rest commits.
 * @param events valid, normalised, all of executions of `lane`; the number of statements does not depend on theirs
 * @throws when the database cannot be reached or fails for other reasons; nothing of the batch (or of the half at work)
 *   is stored then, and sending all of it again is safe
 */
export async function appendToLane(
  dataSource: DataSource,
  lane: number,
  events: readonly LineageEvent[],
): Promise<AppendResult> {
  const firsts = new Map<string, LineageEvent>();
  for (const event of events) if (!firsts.has(keyOf(event))) firsts.set(keyOf(event), event);
  const { outcomes, overturned } = await appendHalving(dataSource, lane, [...firsts.values()]);
  return { outcomes: events.map((event) => outcomeOf(event, firsts, outcomes)), overturned };
}

/** Appends events of any executions, lane after lane. */
export async function append(dataSource: DataSource, events: readonly LineageEvent[]): Promise<AppendResult> {
  const lanes = new Map<number, number[]>();
  events.forEach((event, index) => {
    const lane = laneOf(event.executionId);
    const indexes = lanes.get(lane);
    if (indexes) indexes.push(index);
    else lanes.set(lane, [index]);
  });
  const outcomes = new Array<AppendOutcome>(events.length);
  let overturned = 0;
  for (const [lane, indexes] of lanes) {
    const result = await appendToLane(
      dataSource,
      lane,
      indexes.map((index) => events[index] as LineageEvent),
    );
    indexes.forEach((index, n) => (outcomes[index] = result.outcomes[n] as AppendOutcome));
    overturned += result.overturned;
  }
  return { outcomes, overturned };
}

/** A repeat within a batch shares the fate of the first of its id, unless it says something else. */
function outcomeOf(
  event: LineageEvent,
  firsts: ReadonlyMap<string, LineageEvent>,
  outcomes: ReadonlyMap<string, AppendOutcome>,
): AppendOutcome {
  const first = firsts.get(keyOf(event)) as LineageEvent;
  const outcome = outcomes.get(keyOf(event)) as AppendOutcome;
  if (first === event) return outcome;
  if (!sameContent(first, event)) return ID_CONFLICT;
  return outcome === 'accepted' ? 'duplicate' : outcome;
}

interface HalfResult {
  readonly outcomes: ReadonlyMap<string, AppendOutcome>;
  readonly overturned: number;
}

async function appendHalving(
  dataSource: DataSource,
  lane: number,
  events: readonly LineageEvent[],
): Promise<HalfResult> {
  try {
    return await appendTransaction(dataSource, lane, events);
  } catch (error) {
    if (!isRefusedByContent(error)) throw error;
    const [only] = events;
    if (only && events.length === 1) return { outcomes: new Map([[keyOf(only), UNSTORABLE]]), overturned: 0 };
    const middle = events.length >> 1;
    const first = await appendHalving(dataSource, lane, events.slice(0, middle));
    const second = await appendHalving(dataSource, lane, events.slice(middle));
    return {
      outcomes: new Map([...first.outcomes, ...second.outcomes]),
      overturned: first.overturned + second.overturned,
    };
  }
}

async function appendTransaction(
  dataSource: DataSource,
  lane: number,
  events: readonly LineageEvent[],
): Promise<HalfResult> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction('READ COMMITTED');
    try {
      await runner.query(LOCK_LANE_SQL, [lane]);
      const outcomes = await insertEvents(runner, events);
      const accepted = events.filter((event) => outcomes.get(keyOf(event)) === 'accepted');
      const overturned = accepted.length > 0 ? await projectEvents(runner, accepted) : 0;
      await runner.commitTransaction();
      return { outcomes, overturned };
    } catch (error) {
      // The connection may be gone: what failed first is what the caller must hear.
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
}

async function insertEvents(
  runner: QueryRunner,
  events: readonly LineageEvent[],
): Promise<Map<string, AppendOutcome>> {
  const inserted = (await runner.query(INSERT_EVENTS_SQL, [
    JSON.stringify(events.map(eventToRow)),
  ])) as EventRow[];
  const outcomes = new Map<string, AppendOutcome>(
    inserted.map((row) => [row.execution_id + row.event_id, 'accepted']),
  );
  if (outcomes.size === events.length) return outcomes;
  const known = events.filter((event) => !outcomes.has(keyOf(event)));
  const keys = known.map(({ executionId, eventId }) => ({ execution_id: executionId, event_id: eventId }));
  const stored = ((await runner.query(STORED_EVENTS_SQL, [JSON.stringify(keys)])) as EventRow[]).map(
    eventFromRow,
  );
  const byKey = new Map(stored.map((event) => [keyOf(event), event]));
  for (const event of known) {
    const before = byKey.get(keyOf(event));
    outcomes.set(keyOf(event), before && sameContent(before, event) ? 'duplicate' : ID_CONFLICT);
  }
  return outcomes;
}
