import { property } from './facts';

/** One header as text; neither `text` nor `malformed`: it is not there. */
export interface ReadHeader {
  readonly text?: string;
  /** it is there, but is no text, or longer than it may be */
  readonly malformed?: true;
}

const ABSENT: ReadHeader = {};
const MALFORMED: ReadHeader = { malformed: true };

/**
 * Reads a header out of whatever a broker gave: an object, `Headers`, a `Map`, NATS' `MsgHdrs`; the value a text, bytes or
 * a list with one of these. Trusts nothing and never throws.
 */
export function readHeader(headers: unknown, name: string, maxCharacters: number): ReadHeader {
  try {
    const value = headerValue(headers, name);
    if (value === undefined || value === null) return ABSENT;
    const text = textOf(value, maxCharacters);
    return text === undefined ? MALFORMED : { text };
  } catch {
    return MALFORMED;
  }
}

function headerValue(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const own = property(headers, name);
  if (own !== undefined) return own;
  const get = property(headers, 'get');
  // NATS says '' for a header that is not there.
  return typeof get === 'function' ? get.call(headers, name) || undefined : undefined;
}

function textOf(value: unknown, maxCharacters: number): string | undefined {
  if (typeof value === 'string') return value.length <= maxCharacters ? value : undefined;
  if (value instanceof Uint8Array)
    return value.byteLength <= maxCharacters ? Buffer.from(value).toString('latin1') : undefined;
  if (!Array.isArray(value) || value.length !== 1 || Array.isArray(value[0])) return undefined;
  return textOf(value[0], maxCharacters);
}
