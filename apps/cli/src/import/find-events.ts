import { partsOf, readLine } from '@factflow/journal';

/** An event that was found, to be judged by the command app. */
export interface FoundEvent {
  /** as JSON, without a line break */
  readonly json: string;
  readonly eventId: string | null;
  readonly recorderId: string | undefined;
  readonly sequence: number;
}

/** Why a line, or a part of one, holds no event. */
export interface NoEvent {
  readonly reason: string;
}

const OF_A_SPOOL = /^[0-9a-f]{8} /;
/** Bytes of a line that tell what it is. */
const BEGINNING = 9;

/**
 * What a line holds, whatever file it is in: an event of a structured log; an event that was rejected, within
 * `{ "code", "message", "event" }`; or a line of a spool, where damaged line breaks may have joined several. A blank line holds nothing.
 */
export function* findEvents(line: Buffer): Generator<FoundEvent | NoEvent, void, undefined> {
  const ofSpool = readLine(line);
  if (ofSpool !== undefined) return yield find(ofSpool);
  const text = line.toString('utf8').trim();
  if (text === '') return;
  if (text.startsWith('{')) return yield find(text);
  const reason = OF_A_SPOOL.test(line.toString('latin1', 0, BEGINNING))
    ? 'it is torn or damaged'
    : 'it is not JSON';
  for (const part of partsOf(line)) yield part.text === undefined ? { reason } : find(part.text);
}

function find(text: string): FoundEvent | NoEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'it is not JSON, or torn' };
  }
  if (isEvent(value)) return describe(value, text);
  const { event } = (value ?? {}) as { event?: unknown };
  return isEvent(event) ? describe(event, JSON.stringify(event)) : { reason: 'it is not an event' };
}

/** Everything else that makes an event is the command app's to say. */
const isEvent = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'event_id' in value;

function describe(event: object, json: string): FoundEvent {
  const { event_id: id, source } = event as { event_id?: unknown; source?: unknown };
  const { recorder_id: recorder, sequence } = (source ?? {}) as Record<string, unknown>;
  return {
    json,
    eventId: typeof id === 'string' ? id : null,
    recorderId: typeof recorder === 'string' ? recorder.toLowerCase() : undefined,
    sequence: Number.isSafeInteger(sequence) ? (sequence as number) : 0,
  };
}
