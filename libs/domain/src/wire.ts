import type { EventSource, LineageEvent, PayloadRef, RecordRegisteredData } from './events';
import { payloadFromWire, payloadToWire } from './payload-ref';
import { formatTime } from './time';

/** An event as it travels and as it is stored: snake_case, times as RFC 3339. */
export interface WireEvent {
  readonly event_id: string;
  readonly type: string;
  readonly execution_id: string;
  readonly record_id?: string;
  readonly occurred_at: string;
  readonly source?: { readonly recorder_id: string; readonly sequence: number };
  readonly data?: Readonly<Record<string, unknown>> | null;
}

/** Names of data fields that differ between TypeScript and the wire; all others are equal. */
const WIRE_NAMES = {
  replayOf: 'replay_of',
  fromStage: 'from_stage',
  routeId: 'route_id',
  adapterName: 'adapter_name',
  parentId: 'parent_id',
  joinedParentIds: 'joined_parent_ids',
  batchId: 'batch_id',
  inputHash: 'input_hash',
  outputHash: 'output_hash',
  inputPayload: 'input_payload',
  outputPayload: 'output_payload',
  retryOf: 'retry_of',
  replayOfRecord: 'replay_of_record',
} as const;

const TO_WIRE = new Map<string, string>(Object.entries(WIRE_NAMES));
const FROM_WIRE = new Map<string, string>(Object.entries(WIRE_NAMES).map(([name, wire]) => [wire, name]));

/** Name of a data field in TypeScript. */
export const fieldFromWire = (name: string): string => FROM_WIRE.get(name) ?? name;

const renamed = (data: object, names: Map<string, string>): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const key in data) {
    const value = (data as Record<string, unknown>)[key];
    if (value !== undefined && value !== null) result[names.get(key) ?? key] = value;
  }
  return result;
};

/** References to payloads are the one thing within data whose own fields have other names. */
const withPayloads = <From, To>(
  data: Record<string, unknown>,
  [input, output]: readonly [string, string],
  translate: (payload: From) => To,
): Record<string, unknown> => {
  if (data[input] !== undefined) data[input] = translate(data[input] as From);
  if (data[output] !== undefined) data[output] = translate(data[output] as From);
  return data;
};

/** Data of an event under its wire names, absent fields left out. */
export const dataToWire = (data: LineageEvent['data']): Record<string, unknown> =>
  withPayloads(renamed(data, TO_WIRE), ['input_payload', 'output_payload'], payloadToWire);

/** Data under its TypeScript names; `null` counts as absent. The data must be valid for its type. */
export const dataFromWire = <Data extends LineageEvent['data']>(data: object): Data =>
  withPayloads(renamed(data, FROM_WIRE), ['inputPayload', 'outputPayload'], payloadFromWire) as Data;

const sourceToWire = (source: EventSource) => ({ recorder_id: source.recorderId, sequence: source.sequence });

/** The event as it travels. */
export const toWire = (event: LineageEvent): WireEvent => ({
  event_id: event.eventId,
  type: event.type,
  execution_id: event.executionId,
  ...(event.recordId === undefined ? {} : { record_id: event.recordId }),
  occurred_at: formatTime(event.occurredAt),
  ...(event.source ? { source: sourceToWire(event.source) } : {}),
  data: dataToWire(event.data),
});

/**
 * The event as one line of JSON: what `JSON.stringify(toWire(event))` gives. The kinds that nearly all events are of are
 * written directly, which takes a fraction of the time; a spec holds the two against each other.
 */
export function toLine(event: LineageEvent): string {
  const data = writeData(event);
  if (data === undefined) return JSON.stringify(toWire(event));
  const record = event.recordId === undefined ? '' : `"record_id":"${event.recordId}",`;
  const source = event.source
    ? `"source":{"recorder_id":"${event.source.recorderId}","sequence":${event.source.sequence}},`
    : '';
  return `{"event_id":"${event.eventId}","type":"${event.type}","execution_id":"${event.executionId}",${record}"occurred_at":"${formatTime(event.occurredAt)}",${source}"data":{${data}}}`;
}

/** The fields of the data; undefined for kinds that are not written here. */
function writeData(event: LineageEvent): string | undefined {
  switch (event.type) {
    case 'record.registered':
      return writeRegistered(event.data);
    case 'record.started': {
      const { inputHash, inputPayload } = event.data;
      const hash = inputHash === undefined ? '' : `"input_hash":${quoted(inputHash)}`;
      if (inputPayload === undefined) return hash;
      return `${hash}${hash && ','}"input_payload":${writePayload(inputPayload)}`;
    }
    case 'record.completed': {
      const { outputHash, outputPayload, metadata } = event.data;
      let text = outputHash === undefined ? '' : `"output_hash":${quoted(outputHash)}`;
      if (outputPayload !== undefined)
        text += `${text && ','}"output_payload":${writePayload(outputPayload)}`;
      if (metadata !== undefined) text += `${text && ','}"metadata":${JSON.stringify(metadata)}`;
      return text;
    }
    default:
      return undefined;
  }
}

function writeRegistered(data: RecordRegisteredData): string {
  let text = `"route_id":${quoted(data.routeId)},"adapter_name":${quoted(data.adapterName)}`;
  if (data.parentId !== undefined) text += `,"parent_id":"${data.parentId}"`;
  if (data.joinedParentIds !== undefined)
    text += `,"joined_parent_ids":${JSON.stringify(data.joinedParentIds)}`;
  if (data.batchId !== undefined) text += `,"batch_id":"${data.batchId}"`;
  if (data.inputHash !== undefined) text += `,"input_hash":${quoted(data.inputHash)}`;
  if (data.inputPayload !== undefined) text += `,"input_payload":${writePayload(data.inputPayload)}`;
  if (data.started !== undefined) text += `,"started":${data.started}`;
  if (data.retryOf !== undefined) text += `,"retry_of":"${data.retryOf}"`;
  if (data.replayOfRecord !== undefined) text += `,"replay_of_record":"${data.replayOfRecord}"`;
  if (data.metadata !== undefined) text += `,"metadata":${JSON.stringify(data.metadata)}`;
  return text;
}

const writePayload = (payload: PayloadRef): string => JSON.stringify(payloadToWire(payload));

const PLAIN_TEXT = /^[\w:./ -]*$/;

/** Text as JSON writes it; ids and names rarely hold what has to be escaped. */
const quoted = (text: string): string => (PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text));
