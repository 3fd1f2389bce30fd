import { EVENT_TYPES, type EventType } from './events';
import { LIMITS } from './limits';
import { CONTENT_TYPE_PATTERN, PAYLOAD_KEY_PATTERN } from './payload-ref';

// The shape of events on the wire as JSON schema, one per type. What a schema cannot say (bytes, times, nesting,
// the joins of a record with itself) is checked in parse-event.ts. `null` counts as absent for optional fields.

const optional = (schema: object): object => ({ ...schema, nullable: true });
const id = {
  type: 'string',
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
};
const text = { type: 'string' };
const name = { type: 'string', maxLength: LIMITS.nameCharacters };
const requiredName = { ...name, minLength: 1 };
const hash = { type: 'string', minLength: 1, maxLength: LIMITS.hashCharacters };
const metadata = { type: 'object' };

const object = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const payload = object(
  {
    key: { type: 'string', pattern: PAYLOAD_KEY_PATTERN },
    redacted: optional({ type: 'boolean' }),
    content_type: optional({
      type: 'string',
      minLength: 1,
      maxLength: LIMITS.contentTypeCharacters,
      pattern: CONTENT_TYPE_PATTERN,
    }),
  },
  ['key'],
);

const error = object({ class: requiredName, message: text, traceback: optional(text) }, ['class', 'message']);

const DATA: Record<EventType, object> = {
  'execution.started': object({
    name: optional(name),
    replay_of: optional(id),
    from_stage: optional(name),
    metadata: optional(metadata),
  }),
  'execution.completed': object({}),
  'execution.failed': object({ error }, ['error']),
  'execution.cancelled': object({}),
  'record.registered': object(
    {
      route_id: requiredName,
      adapter_name: requiredName,
      parent_id: optional(id),
      joined_parent_ids: optional({ type: 'array', items: id, maxItems: LIMITS.joinedParents }),
      batch_id: optional(id),
      input_hash: optional(hash),
      input_payload: optional(payload),
      started: optional({ type: 'boolean' }),
      retry_of: optional(id),
      replay_of_record: optional(id),
      metadata: optional(metadata),
    },
    ['route_id', 'adapter_name'],
  ),
  'record.started': object({ input_hash: optional(hash), input_payload: optional(payload) }),
  'record.completed': object({
    output_hash: optional(hash),
    output_payload: optional(payload),
    metadata: optional(metadata),
  }),
  'record.failed': object({ error, metadata: optional(metadata) }, ['error']),
  'record.cancelled': object({ reason: optional(text), metadata: optional(metadata) }),
};

const source = object(
  { recorder_id: id, sequence: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } },
  ['recorder_id', 'sequence'],
);

/** JSON schema of each type of event on the wire. */
export const EVENT_SCHEMAS = Object.fromEntries(
  EVENT_TYPES.map((type) => {
    const ofRecord = type.startsWith('record.');
    const data = DATA[type] as { required: readonly string[] };
    const required = ['event_id', 'type', 'execution_id', 'occurred_at'];
    if (ofRecord) required.push('record_id');
    if (data.required.length > 0) required.push('data');
    // An event of an execution has no record_id: null is the only value it takes.
    const record_id = ofRecord ? id : { type: 'null' };
    return [
      type,
      object(
        {
          event_id: id,
          type: { const: type },
          execution_id: id,
          record_id,
          occurred_at: text,
          source: optional(source),
          data: data.required.length > 0 ? data : optional(data),
        },
        required,
      ),
    ];
  }),
) as Record<EventType, object>;
