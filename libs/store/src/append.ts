import { canonicalJson, IdMap, toWire, type LineageEvent, type Problem } from '@factflow/domain';
import type { DataSource, QueryRunner } from 'typeorm';
import { copyRows } from './copy';
import { isRefusedByContent } from './database-errors';
import { KnownRows } from './known-rows';
import { inLane, laneOf } from './lanes';
import { projectEvents } from './projection';
import { eventFromRow, EVENTS, type EventRow } from './rows';
import { prunedProblem, tombstonesOf } from './tombstones';

/** Where events are appended, and what is known of it. */
interface Writer {
  readonly dataSource: DataSource;
  readonly lane: number;
  readonly known: KnownRows;
}

/** What became of one event. */
export type AppendOutcome = 'accepted' | 'duplicate' | Problem;

export interface AppendResult {
  /** one for each event, in their order */
  readonly outcomes: readonly AppendOutcome[];
  /** records that had an earlier decision overturned */
  readonly overturned: number;
}

// Served by the primary key.
const STORED_EVENTS_SQL = `
  SELECT e.execution_id, e.event_id, e.type, e.record_id, e.occurred_at, e.recorder_id, e.sequence, e.data
  FROM json_to_recordset($1::json) AS k(execution_id uuid, event_id uuid) JOIN lineage_event e USING (execution_id, event_id)`;

const ID_CONFLICT: Problem = {
  code: 'event_id_conflict',
  message: 'event_id: an event with this id and other content is stored already',
};
const UNSTORABLE: Problem = { code: 'unstorable', message: 'PostgreSQL refuses to store this event' };

const sameContent = (a: LineageEvent, b: LineageEvent): boolean =>
  canonicalJson(toWire(a)) === canonicalJson(toWire(b));

/**
 * Appends events to the log and folds the new ones into the rows, in one transaction. An event PostgreSQL refuses for
 * what it holds is found by halving and left out; the rest commits.
 * @param events valid, normalised, all of executions of `lane`; the number of statements does not depend on theirs
 * @param known what the caller has read and written before, for it alone: less has to be read then
 * @throws when the database cannot be reached or fails for other reasons; nothing of the batch (or of the half at work)
 *   is stored then, and sending all of it again is safe
 */
export async function appendToLane(
  dataSource: DataSource,
  lane: number,
  events: readonly LineageEvent[],
  known: KnownRows = new KnownRows(),
): Promise<AppendResult> {
  const refused: Refused = new IdMap();
  const overturned = await appendNew({ dataSource, lane, known }, events, refused);
  if (overturned === undefined) return appendWithCare({ dataSource, lane, known }, events);
  if (refused.size === 0) return { outcomes: events.map(() => 'accepted'), overturned };
  return {
    outcomes: events.map(({ executionId, eventId }) => refused.get(executionId, eventId) ?? 'accepted'),
    overturned,
  };
}

/**
 * Nearly always every event of a batch is new and can be stored, and writing it says so: the primary key refuses what is
 * there already, from before or from the same batch.
 * @returns how many records had an earlier decision overturned; undefined when nothing is stored, because something of it
 *   was refused
 */
async function appendNew(
  writer: Writer,
  events: readonly LineageEvent[],
  refused: Refused,
): Promise<number | undefined> {
  try {
    return await storeInLane(writer, (runner) => refusePruned(runner, events, refused));
  } catch (error) {
    if (isRefusedByContent(error)) return undefined;
    throw error;
  }
}

/** Appends events some of which are stored already, repeat each other, or cannot be stored. */
async function appendWithCare(writer: Writer, events: readonly LineageEvent[]): Promise<AppendResult> {
  const firsts = new IdMap<LineageEvent>();
  for (const event of events)
    if (!firsts.has(event.executionId, event.eventId)) firsts.set(event.executionId, event.eventId, event);
  const refused: Refused = new IdMap();
  const overturned = await appendHalving(writer, [...firsts.values()], refused);
  return { outcomes: events.map((event) => outcomeOf(event, firsts, refused)), overturned };
}

/** Appends events of any executions, lane after lane. @param known as for `appendToLane` */
export async function append(
  dataSource: DataSource,
  events: readonly LineageEvent[],
  known: KnownRows = new KnownRows(),
): Promise<AppendResult> {
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
      known,
    );
    indexes.forEach((index, n) => (outcomes[index] = result.outcomes[n] as AppendOutcome));
    overturned += result.overturned;
  }
  return { outcomes, overturned };
}

/** A repeat within a batch shares the fate of the first of its id, unless it says something else. */
function outcomeOf(event: LineageEvent, firsts: IdMap<LineageEvent>, refused: Refused): AppendOutcome {
  const { executionId, eventId } = event;
  const first = firsts.get(executionId, eventId) as LineageEvent;
  const outcome = refused.get(executionId, eventId) ?? 'accepted';
  if (first === event) return outcome;
  if (!sameContent(first, event)) return ID_CONFLICT;
  return outcome === 'accepted' ? 'duplicate' : outcome;
}

/** What became of the events that were not accepted. Found out at whatever try, it stays true. */
type Refused = IdMap<AppendOutcome>;

/** @returns how many records had an earlier decision overturned */
async function appendHalving(
  writer: Writer,
  events: readonly LineageEvent[],
  refused: Refused,
): Promise<number> {
  try {
    return await appendTransaction(writer, events, refused);
  } catch (error) {
    if (!isRefusedByContent(error)) throw error;
    const [only] = events;
    if (only && events.length === 1) {
      refused.set(only.executionId, only.eventId, UNSTORABLE);
      return 0;
    }
    const middle = events.length >> 1;
    const overturned = await appendHalving(writer, events.slice(0, middle), refused);
    return overturned + (await appendHalving(writer, events.slice(middle), refused));
  }
}

/** Appends those that are not stored yet, each of another id, in one transaction. */
const appendTransaction = (
  writer: Writer,
  events: readonly LineageEvent[],
  refused: Refused,
): Promise<number> =>
  storeInLane(writer, async (runner) => {
    await refuseStored(runner, events, refused);
    const accepted = await refusePruned(runner, events, refused);
    return accepted.filter(({ executionId, eventId }) => !refused.has(executionId, eventId));
  });

/** Stores the events that `choose` leaves over, in one transaction that holds the lane. */
async function storeInLane(
  { dataSource, lane, known }: Writer,
  choose: (runner: QueryRunner) => Promise<readonly LineageEvent[]>,
): Promise<number> {
  const projected = await inLane(dataSource, lane, async (runner) => {
    const events = await choose(runner);
    if (events.length === 0) return undefined;
    await copyRows(runner, EVENTS, events);
    return projectEvents(runner, events, known);
  });
  projected?.remember();
  return projected?.overturned ?? 0;
}

/** Refuses the events whose ids are stored already: as duplicates, or as conflicts when they say something else. */
async function refuseStored(
  runner: QueryRunner,
  events: readonly LineageEvent[],
  refused: Refused,
): Promise<void> {
  const keys = events.map(({ executionId, eventId }) => ({ execution_id: executionId, event_id: eventId }));
  const stored = new IdMap<LineageEvent>();
  for (const row of (await runner.query(STORED_EVENTS_SQL, [JSON.stringify(keys)])) as EventRow[])
    stored.set(row.execution_id, row.event_id, eventFromRow(row));
  for (const event of events) {
    const { executionId, eventId } = event;
    const before = stored.get(executionId, eventId);
    if (before) refused.set(executionId, eventId, sameContent(before, event) ? 'duplicate' : ID_CONFLICT);
  }
}

/** Refuses the events of executions that are gone. @returns the others */
async function refusePruned(
  runner: QueryRunner,
  events: readonly LineageEvent[],
  refused: Refused,
): Promise<readonly LineageEvent[]> {
  const tombstones = await tombstonesOf(runner, [...new Set(events.map(({ executionId }) => executionId))]);
  if (tombstones.size === 0) return events;
  return events.filter(({ executionId, eventId }) => {
    const prunedAt = tombstones.get(executionId);
    if (prunedAt) refused.set(executionId, eventId, prunedProblem(prunedAt));
    return prunedAt === undefined;
  });
}
