import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Problem, RejectionCode } from './errors';
import { EVENT_SCHEMAS } from './event-schema';
import { EVENT_TYPES, type EventType, type LineageEvent } from './events';
import { timeOfId } from './ids';
import { LIMITS } from './limits';
import { CONTENT_TYPE_PATTERN, PAYLOAD_KEY_PATTERN, payloadFromWire, type WirePayload } from './payload-ref';
import { exceedsBytes, storableJson, storableText, UnstorableJson } from './text';
import { parseTime } from './time';
import { fieldFromWire, toWire, type WireEvent } from './wire';

/** An event that is valid and normalised, or what is wrong with it. */
export type ParsedEvent =
  | { readonly event: LineageEvent; readonly problem?: undefined }
  | { readonly event?: undefined; readonly problem: Problem };

const ajv = new Ajv({ strict: true, allErrors: false, verbose: false });
const validators = new Map<unknown, ValidateFunction<WireEvent>>(
  EVENT_TYPES.map((type) => [type, ajv.compile<WireEvent>(EVENT_SCHEMAS[type])]),
);

class Invalid extends Error {
  constructor(
    readonly code: RejectionCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Validates one event of the wire and brings it into the form in which it is stored and compared: ids lower-case,
 * time in whole milliseconds UTC, text and numbers as PostgreSQL can hold them, absent fields left out.
 * @param value what JSON.parse gave for one line or one element; never trusted
 */
export function parseEvent(value: unknown): ParsedEvent {
  try {
    return { event: normalise(checkShape(value)) };
  } catch (error) {
    if (error instanceof Invalid) return { problem: { code: error.code, message: error.message } };
    if (error instanceof UnstorableJson) {
      return { problem: { code: 'invalid_event', message: `${error.path}: ${error.message}` } };
    }
    throw error;
  }
}

/** The id of an event that could not be accepted, as far as it can be read. */
export function eventIdOf(value: unknown): string | null {
  const id =
    typeof value === 'object' && value !== null ? (value as { event_id?: unknown }).event_id : undefined;
  return typeof id === 'string' ? storableText(id.slice(0, 200)) : null;
}

function checkShape(value: unknown): WireEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Invalid('invalid_event', 'an event must be a JSON object');
  }
  const type: unknown = (value as { type?: unknown }).type;
  const validate = validators.get(type);
  if (!validate) {
    if (typeof type !== 'string')
      throw new Invalid('invalid_event', 'type: must be the name of an event type');
    throw new Invalid(
      'unknown_type',
      `type: ${JSON.stringify(storableText(type.slice(0, 60)))} is none of ${EVENT_TYPES.join(', ')}`,
    );
  }
  if (validate(value)) return value;
  throw problemOf(validate.errors?.[0]);
}

function problemOf(error: ErrorObject | undefined): Invalid {
  if (!error) return new Invalid('invalid_event', 'is not a valid event');
  const params = error.params as { additionalProperty?: string; missingProperty?: string };
  const path = error.instancePath
    .slice(1)
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .split('/')
    .filter(Boolean);
  const name = params.missingProperty ?? params.additionalProperty;
  const field = [...path, ...(name === undefined ? [] : [storableText(name).slice(0, 60)])].join('.');
  const code = error.keyword === 'maxLength' || error.keyword === 'maxItems' ? 'too_large' : 'invalid_event';
  return new Invalid(code, `${field}: ${reasonOf(error)}`);
}

function reasonOf(error: ErrorObject): string {
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this type of event';
    case 'pattern':
      return patternReason((error.params as { pattern: string }).pattern);
    default:
      return (error.message ?? 'is not valid').replace('NOT', 'not');
  }
}

function patternReason(pattern: string): string {
  switch (pattern) {
    case PAYLOAD_KEY_PATTERN:
      return 'must be sha256: and 64 hex digits in lower case';
    case CONTENT_TYPE_PATTERN:
      return 'must be printable ASCII';
    default:
      return 'must be an id of 8-4-4-4-12 hex digits';
  }
}

function normalise({
  type,
  event_id,
  execution_id,
  record_id,
  occurred_at,
  source,
  data,
}: WireEvent): LineageEvent {
  const executionId = execution_id.toLowerCase();
  const recordId = record_id?.toLowerCase();
  const event = {
    type: type as EventType,
    eventId: event_id.toLowerCase(),
    executionId,
    recordId,
    occurredAt: timeOf(occurred_at, executionId),
    source: source ? { recorderId: source.recorder_id.toLowerCase(), sequence: source.sequence } : undefined,
    data: storableData(data ?? {}, recordId),
  } as LineageEvent;
  checkSize(event);
  return event;
}

function timeOf(text: string, executionId: string): number {
  const time = parseTime(text);
  if (time === undefined) {
    throw new Invalid(
      'invalid_event',
      'occurred_at: must be an RFC 3339 time between 1970 and 9999, such as 2026-01-31T12:00:00.000Z',
    );
  }
  const executionTime = timeOfId(executionId);
  if (executionTime !== undefined && time < executionTime - LIMITS.beforeExecutionMs) {
    throw new Invalid(
      'invalid_event',
      'occurred_at: must not be more than 24 hours before the time in execution_id',
    );
  }
  return time;
}

const ID_FIELDS = new Set(['batch_id', 'retry_of', 'replay_of', 'replay_of_record']);

/** Data that can be stored, under its TypeScript names; `null` counts as absent. */
function storableData(data: object, recordId: string | undefined): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of Object.keys(data)) {
    const value = (data as Record<string, unknown>)[field];
    if (value !== null) result[fieldFromWire(field)] = storableValue(field, value, recordId);
  }
  return result;
}

function storableValue(field: string, value: unknown, recordId: string | undefined): unknown {
  if (field === 'metadata') return storableMetadata(value);
  if (field === 'error') return storableError(value as Record<string, string | null>);
  if (field === 'input_payload' || field === 'output_payload') return payloadFromWire(value as WirePayload);
  if (typeof value !== 'string')
    return Array.isArray(value) ? value.map((id: string) => parentId(id, field, recordId)) : value;
  if (field === 'parent_id') return parentId(value, field, recordId);
  if (field === 'reason') return limited(value, LIMITS.reasonBytes, 'data.reason');
  return ID_FIELDS.has(field) ? value.toLowerCase() : storableText(value);
}

function parentId(value: string, field: string, recordId: string | undefined): string {
  const id = value.toLowerCase();
  if (id === recordId) throw new Invalid('invalid_event', `data.${field}: a record cannot be its own parent`);
  return id;
}

function storableMetadata(value: unknown): unknown {
  const metadata = storableJson(value, 'data.metadata');
  limited(JSON.stringify(metadata), LIMITS.metadataBytes, 'data.metadata');
  return metadata;
}

function storableError(error: Record<string, string | null>): Record<string, string> {
  const {
    class: name,
    message,
    traceback,
  } = error as { class: string; message: string; traceback?: string | null };
  return {
    class: storableText(name),
    message: limited(message, LIMITS.errorMessageBytes, 'data.error.message'),
    ...(typeof traceback === 'string'
      ? { traceback: limited(traceback, LIMITS.tracebackBytes, 'data.error.traceback') }
      : {}),
  };
}

function limited(text: string, limit: number, field: string): string {
  const storable = storableText(text);
  if (exceedsBytes(storable, limit))
    throw new Invalid('too_large', `${field}: must not be over ${limit} bytes of UTF-8`);
  return storable;
}

// A quoted id and its comma. An event with all the joins it may have is larger than an event may be without them.
const JOINED_ID_BYTES = 39;

function checkSize(event: LineageEvent): void {
  const joins = event.type === 'record.registered' ? (event.data.joinedParentIds?.length ?? 0) : 0;
  if (!mayBeLarge(event)) return;
  if (exceedsBytes(JSON.stringify(toWire(event)), LIMITS.eventBytes + joins * JOINED_ID_BYTES)) {
    throw new Invalid(
      'too_large',
      `the event must not be over ${LIMITS.eventBytes} bytes, joined_parent_ids not counted`,
    );
  }
}

/** Only an error can make an event too large: all other fields together stay far below the limit. */
const mayBeLarge = (event: LineageEvent): boolean => 'error' in event.data;
