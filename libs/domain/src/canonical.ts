import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * Canonical JSON (RFC 8785) of a value.
 * @throws Error for what JSON cannot say: NaN and infinities, lone surrogates, cycles, functions, bigints
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error(`${typeof value} has no JSON form`);
  return text;
}

/**
 * The hash of a message: `sha256:` and 64 hex digits of its bytes; text as UTF-8, any other value as canonical JSON.
 * @throws Error where canonicalJson throws
 */
export function hashOf(message: unknown): string {
  const bytes =
    message instanceof Uint8Array || typeof message === 'string' ? message : canonicalJson(message);
  return `sha256:${hash('sha256', bytes)}`;
}
