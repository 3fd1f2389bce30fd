import { hashOf, LIMITS } from '@factflow/domain';
import { bytesOf, toPlain, type PlainBounds } from './plain';
import { shortenCharacters } from './shorten';

/** How far a message is looked into. */
export const MESSAGE_BOUNDS: PlainBounds = { depth: 500, nodes: 1_000_000, characters: Infinity };

/**
 * The hash of a message: `sha256:<hex>` of its bytes (text as UTF-8, data as canonical JSON). What JSON cannot say
 * exactly (cycles, functions, bytes inside an object …) is hashed as far as it goes and says so: `approx-sha256:<hex>`.
 * What only stands for data, such as a stream or a promise, is not looked into: `unhashed:<kind>`.
 * @returns undefined for undefined: no message
 */
export function fingerprint(message: unknown): string | undefined {
  try {
    if (message === undefined) return undefined;
    if (typeof message === 'string') return hashOf(message);
    if (message instanceof Uint8Array) return hashOf(message);
    if (ArrayBuffer.isView(message) || message instanceof ArrayBuffer) return hashOf(bytesOf(message));
    const kind = standsForData(message);
    if (kind !== undefined) return unhashed(kind);
    const { value, exact } = toPlain(message, MESSAGE_BOUNDS);
    return exact ? hashOf(value) : `approx-${hashOf(value)}`;
  } catch {
    return unhashed('unreadable');
  }
}

/** Stands for the hash of what cannot be hashed, and says what it was. */
export const unhashed = (kind: string): string =>
  shortenCharacters(`unhashed:${kind || 'object'}`, LIMITS.hashCharacters);

/** What a message is that only stands for data: a stream, a promise, a function. */
export function standsForData(message: unknown): string | undefined {
  if (typeof message === 'function' || typeof message === 'symbol') return typeof message;
  if (typeof message !== 'object' || message === null) return undefined;
  const { pipe, then, next, getReader, constructor } = message as Record<string, unknown>;
  if (![pipe, then, next, getReader].some((member) => typeof member === 'function')) return undefined;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return typeof name === 'string' ? name : '';
}

/** A hash given by the caller, as long as it may be; undefined when it is none. */
export const givenHash = (hash: unknown): string | undefined =>
  typeof hash === 'string' && hash !== '' ? shortenCharacters(hash, LIMITS.hashCharacters) : undefined;
