import {
  dataFromWire,
  EVENT_TYPES,
  isId,
  isPayloadKey,
  parseEvent,
  toWire,
  type EventType,
  type LineageEvent,
} from '@factflow/domain';
import { timeOfText, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { Pages, textBytes } from './pages';

/** An event as it is stored: texts of {@link COLUMNS}. */
type EventTexts = readonly (string | null)[];

const COLUMNS = 'e.event_id, e.type, e.record_id, e.occurred_at, e.data, e.recorder_id, e.sequence';

// Both served by lineage_event_record, in its order: record after record, and events of a record as they decide.
const RECORD_EVENTS: Statement = {
  name: 'verify_record_events',
  sql: `
  SELECT ${COLUMNS} FROM lineage_event e
  WHERE e.execution_id = $1 AND (e.record_id, e.occurred_at, e.event_id) > ($2::uuid, $3::timestamptz, $4::uuid)
  ORDER BY e.record_id, e.occurred_at, e.event_id LIMIT $5`,
};
const EXECUTION_EVENTS: Statement = {
  name: 'verify_execution_events',
  sql: `
  SELECT ${COLUMNS} FROM lineage_event e
  WHERE e.execution_id = $1 AND e.record_id IS NULL AND (e.occurred_at, e.event_id) > ($2::timestamptz, $3::uuid)
  ORDER BY e.occurred_at, e.event_id LIMIT $4`,
};

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const BEFORE_ALL = '-infinity';

/** The events of an execution's records, by record and in the order in which they decide. */
export const recordEvents = (reader: Reader, executionId: string): Pages<EventTexts> =>
  new Pages(
    (after, limit) =>
      reader.texts(RECORD_EVENTS, [
        executionId,
        after?.[2] ?? FIRST_ID,
        after?.[3] ?? BEFORE_ALL,
        after?.[0] ?? FIRST_ID,
        limit,
      ]),
    textBytes,
  );

/** The events of an execution itself, in the order in which they decide. */
export const executionEvents = (reader: Reader, executionId: string): Pages<EventTexts> =>
  new Pages(
    (after, limit) =>
      reader.texts(EXECUTION_EVENTS, [executionId, after?.[3] ?? BEFORE_ALL, after?.[0] ?? FIRST_ID, limit]),
    textBytes,
  );

/** The id of the record an event is about. */
export const recordOf = (texts: EventTexts): string | null => texts[2] ?? null;

/** Which recorder sent an event, and under which sequence. */
export const sourceOf = (
  texts: EventTexts,
): readonly [recorderId: string | null, sequence: string | null] => [texts[5] ?? null, texts[6] ?? null];

/** An event that can be folded, or why it cannot: somebody has changed it in the database. */
export type StoredEvent =
  | { readonly event: LineageEvent; readonly problem?: undefined }
  | { readonly event?: undefined; readonly eventId: string; readonly problem: string };

export function storedEvent(executionId: string, texts: EventTexts): StoredEvent {
  const [eventId, type, recordId, time, data] = texts as readonly [
    string,
    string,
    string | null,
    string,
    string,
  ];
  const occurredAt = timeOfText(time);
  const parsed: unknown = JSON.parse(data);
  if (occurredAt === undefined)
    return { eventId, problem: `occurred_at: ${time} is no time an event can have` };
  if (!isObject(parsed)) return { eventId, problem: 'data: is not an object' };
  const event = {
    type: type as EventType,
    eventId,
    executionId,
    ...(recordId === null ? {} : { recordId }),
    occurredAt,
    data: dataFromWire(parsed),
  } as LineageEvent;
  if (isFoldable(event)) return { event };
  return { eventId, problem: parseEvent(toWire(event)).problem?.message ?? 'it cannot be folded' };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isIdOrAbsent = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && isId(value));

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);
const HASHES = ['inputHash', 'outputHash'] as const;
const PAYLOADS = ['inputPayload', 'outputPayload'] as const;

const isPayloadOrAbsent = (value: unknown): boolean =>
  value === undefined || isPayloadKey(String((value as { readonly key?: unknown }).key));

/** Whether the fold can take it: less than ingest asks for, and quickly told. */
function isFoldable(event: LineageEvent): boolean {
  if (!KNOWN.has(event.type) || event.type.startsWith('record.') !== (event.recordId !== undefined))
    return false;
  const data = event.data as Readonly<Record<string, unknown>>;
  if (data.metadata !== undefined && !isObject(data.metadata)) return false;
  if (!HASHES.every((name) => isTextOrAbsent(data[name]))) return false;
  if (!PAYLOADS.every((name) => isPayloadOrAbsent(data[name]))) return false;
  if (event.type.endsWith('.failed')) return isObject(data.error);
  if (event.type !== 'record.registered') return true;
  const { routeId, adapterName, parentId, joinedParentIds } = data;
  return (
    typeof routeId === 'string' &&
    typeof adapterName === 'string' &&
    isIdOrAbsent(parentId) &&
    (joinedParentIds === undefined || (Array.isArray(joinedParentIds) && joinedParentIds.every(isIdOrAbsent)))
  );
}
