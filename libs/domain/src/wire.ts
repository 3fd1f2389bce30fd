import type { EventSource, LineageEvent } from './events';
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
  retryOf: 'retry_of',
  replayOfRecord: 'replay_of_record',
} as const;

const TO_WIRE = new Map<string, string>(Object.entries(WIRE_NAMES));
const FROM_WIRE = new Map<string, string>(Object.entries(WIRE_NAMES).map(([name, wire]) => [wire, name]));

/** Name of a data field in TypeScript. */
export const fieldFromWire = (name: string): string => FROM_WIRE.get(name) ?? name;

const renamed = (data: object, names: Map<string, string>): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    if (value !== undefined && value !== null) result[names.get(key) ?? key] = value;
  }
  return result;
};

/** Data of an event under its wire names, absent fields left out. */
export const dataToWire = (data: LineageEvent['data']): Record<string, unknown> => renamed(data, TO_WIRE);

/** Data under its TypeScript names; `null` counts as absent. The data must be valid for its type. */
export const dataFromWire = <Data extends LineageEvent['data']>(data: object): Data =>
  renamed(data, FROM_WIRE) as Data;

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
