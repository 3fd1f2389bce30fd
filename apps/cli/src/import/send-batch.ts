import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { refusal, unanswered } from '../api';
import { refusalOf } from '../command-api';
import { commandApp } from '../peer';
import type { Session } from '../session';
import { askPatiently } from './ask-patiently';
import type { FoundEvent } from './find-events';

const compress = promisify(gzip);
const TOO_LARGE = 413;

/** An event, and where it was found. */
export interface SourcedEvent extends FoundEvent {
  /** name of the file and number of the line */
  readonly file: string;
  readonly line: number;
}

/** An event the command app did not take. */
export interface Rejection {
  readonly event: SourcedEvent;
  readonly code: string;
  readonly message: string;
}

/** What became of a batch. */
export interface Sent {
  readonly inserted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
}

/**
 * Sends events in one request, again as long as the command app is too busy to take it, and in halves where a request of
 * that size is refused.
 * @throws CliError when they are not taken: none, some or all of them may be stored by then
 */
export async function sendBatch(session: Session, events: readonly SourcedEvent[]): Promise<Sent> {
  const response = await post(session, events);
  if (response.status === TOO_LARGE) return await sendHalves(session, events);
  if (!response.ok) throw await refusalOf(session, response);
  const peer = commandApp(session.settings);
  const answer: unknown = await response.json().catch((cause: unknown) => {
    throw unanswered(cause, peer);
  });
  const sent = readAnswer(answer, events);
  if (sent) return sent;
  throw refusal(undefined, response.status, peer, '');
}

async function sendHalves(session: Session, events: readonly SourcedEvent[]): Promise<Sent> {
  const [only] = events;
  if (only && events.length === 1) {
    const refused = { event: only, code: 'refused', message: 'a request with this event alone is too large' };
    return { inserted: 0, duplicates: 0, rejected: [refused] };
  }
  const middle = events.length >> 1;
  const first = await sendBatch(session, events.slice(0, middle));
  const second = await sendBatch(session, events.slice(middle));
  return {
    inserted: first.inserted + second.inserted,
    duplicates: first.duplicates + second.duplicates,
    rejected: [...first.rejected, ...second.rejected],
  };
}

/** @returns any answer but that of an overloaded command app */
async function post(session: Session, events: readonly SourcedEvent[]): Promise<Response> {
  const lines = events.map(({ json }) => json).join('\n');
  const bytes = new Uint8Array(await compress(lines, { level: constants.Z_BEST_SPEED }));
  const content = { type: 'application/x-ndjson', encoding: 'gzip', bytes } as const;
  return await askPatiently(session, { method: 'POST', path: 'events', content });
}

/** @returns undefined for an answer that does not account for every event */
function readAnswer(answer: unknown, events: readonly SourcedEvent[]): Sent | undefined {
  const { accepted, duplicates, rejected } = (answer ?? {}) as Record<string, unknown>;
  if (!isCount(accepted) || !isCount(duplicates) || !Array.isArray(rejected)) return undefined;
  if (accepted + duplicates + rejected.length !== events.length) return undefined;
  const rejections = rejected.flatMap((entry: unknown): Rejection[] => {
    const { index, code, message } = (entry ?? {}) as Record<string, unknown>;
    const event = events[Number(index)];
    return event ? [{ event, code: String(code), message: String(message) }] : [];
  });
  if (rejections.length !== rejected.length) return undefined;
  return { inserted: accepted, duplicates, rejected: rejections };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
