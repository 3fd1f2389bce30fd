import type { ErrorInfo } from '@factflow/domain';
import type { TextRow } from '../database/statement-rows';
import { errorDetailsOf } from '../http/error-details';
import type { LineageRecord } from './lineage-record';
import { payloadOf, shownPayload, type Payload } from './payload';
import { stalledOf } from './stalled';

// Records as JSON, made from the text of their columns: byte for byte what JSON.stringify makes of `lineageRecordOf`,
// without an object, a date or a parsed value on the way, which is most of the work of a streamed chain.

type ToJson = (text: string) => string;

const asIs: ToJson = (text) => text;
/** Ids and words need no escapes. */
const quoted: ToJson = (text) => `"${text}"`;
/** Nothing that JSON writes in another way. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;
const escaped: ToJson = (text) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));
const flag: ToJson = (text) => (text === 't' ? 'true' : 'false');
const ids: ToJson = (text) => (text === '{}' ? '[]' : `["${text.slice(1, -1).replaceAll(',', '","')}"]`);
const error: ToJson = (text) => JSON.stringify(errorDetailsOf(JSON.parse(text) as ErrorInfo));

/** `2026-11-24 13:33:42.5+00`, zeros at the end left out, as `2026-11-24T13:33:42.500Z`. */
const time: ToJson = (text) =>
  `"${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z"`;

const payload: ToJson = (text) => {
  const { stored, ...column } = JSON.parse(text) as Payload;
  return JSON.stringify(shownPayload(column, stored));
};

/** Records that follow each other often say the same. */
function sameAgain(make: ToJson): ToJson {
  let last = '';
  let json = '';
  return (text) => {
    if (text !== last) {
      json = make(text);
      last = text;
    }
    return json;
  };
}

// In the order of LineageRecord, behind the id and the execution: those are known before.
const FIELDS: Readonly<Record<Exclude<keyof LineageRecord, 'id' | 'execution_id'>, ToJson>> = {
  route_id: escaped,
  adapter_name: escaped,
  parent_id: quoted,
  status: quoted,
  input_hash: escaped,
  output_hash: escaped,
  input_payload: payload,
  output_payload: payload,
  error,
  started_at: time,
  completed_at: time,
  batch_id: quoted,
  metadata: sameAgain((text) => JSON.stringify(JSON.parse(text))),
  pending_children: asIs,
  completion: quoted,
  joined_parent_ids: ids,
  registered_at: time,
  started: flag,
  cancel_reason: escaped,
  retry_of: quoted,
  replay_of_record: quoted,
  conflicts: asIs,
  stalled: flag,
};

const STATUS = `CASE WHEN r.completion = 'unknown' THEN 'unknown' ELSE r.status END`;

const COMPUTED: Readonly<Record<string, string>> = {
  status: STATUS,
  input_payload: payloadOf('r.input_payload'),
  output_payload: payloadOf('r.output_payload'),
  stalled: stalledOf('$1::uuid'),
};

/** The columns that {@link recordFields} reads; the table goes by the name `r`, its execution is the parameter $1. */
export const JSON_COLUMNS = Object.keys(FIELDS)
  .map((name) => (name in COMPUTED ? `${COMPUTED[name]} AS ${name}` : `r.${name}`))
  .join(', ');

/** Where a column stands in a row of {@link JSON_COLUMNS}. */
export const placeOfColumn = (name: keyof typeof FIELDS): number => Object.keys(FIELDS).indexOf(name);

const WRITERS = Object.entries(FIELDS).map(([name, write]) => ({ key: `,"${name}":`, write }));

/** The fields of a record as JSON, with a comma before each. */
export function recordFields(id: string, executionId: string, row: TextRow): string {
  const parts = [`,"id":"${id}","execution_id":"${executionId}"`];
  for (let n = 0; n < WRITERS.length; n += 1) {
    const { key, write } = WRITERS[n] as (typeof WRITERS)[number];
    const value = row[n] ?? null;
    parts.push(key, value === null ? 'null' : write(value));
  }
  // One text, not a tree of the pieces it was added up from: it may be kept for a while.
  return parts.join('');
}
