import { createHash } from 'node:crypto';
import { PayloadCorrupt, PayloadDigestMismatch, PayloadKeyInvalid, PayloadTooLarge } from './payload-errors';
import type { ByteRange } from './payload-store';

// Bytes on their way in or out, hashed as they pass. The last piece is held back until the digest of all is known: whoever
// takes these bytes never comes to the end of wrong ones.

const KEY = /^sha256:([0-9a-f]{64})$/;

/** The hexadecimal digits of a key: safe as the name of a file. @throws PayloadKeyInvalid */
export function digestOf(key: string): string {
  const digest = KEY.exec(key)?.[1];
  if (digest === undefined) throw new PayloadKeyInvalid();
  return digest;
}

/** Bytes on their way into the store. */
export const checkedUpload = (
  key: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, number, undefined> =>
  checked(source, {
    maxBytes,
    judge: (actual) => {
      if (actual !== key) throw new PayloadDigestMismatch(key, actual);
    },
  });

/** Bytes on their way out of the store. */
export const checkedDownload = (
  key: string,
  source: AsyncIterable<Uint8Array>,
  range?: ByteRange,
): AsyncGenerator<Uint8Array, number, undefined> =>
  checked(source, {
    range,
    judge: (actual) => {
      if (actual !== key) throw new PayloadCorrupt(key, actual);
    },
  });

interface Check {
  readonly maxBytes?: number;
  readonly range?: ByteRange | undefined;
  /** throws when the digest, as a key, is not the one expected */
  readonly judge: (actual: string) => void;
}

/** @returns how many bytes there were */
async function* checked(
  source: AsyncIterable<Uint8Array>,
  { maxBytes = Infinity, range, judge }: Check,
): AsyncGenerator<Uint8Array, number, undefined> {
  const hash = createHash('sha256');
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of source) {
    const start = size;
    size += chunk.length;
    if (size > maxBytes) throw new PayloadTooLarge(maxBytes);
    hash.update(chunk);
    const wanted = range ? within(chunk, start, range) : chunk;
    if (wanted.length === 0) continue;
    if (held) yield held;
    held = wanted;
  }
  judge(`sha256:${hash.digest('hex')}`);
  if (held) yield held;
  return size;
}

/** The part of a piece that begins at `start` which a range wants. */
const within = (chunk: Uint8Array, start: number, range: ByteRange): Uint8Array =>
  chunk.subarray(Math.max(0, range.start - start), Math.max(0, range.end + 1 - start));

/** Takes bytes to their end and keeps none. @returns how many there were */
export async function drained(bytes: AsyncGenerator<Uint8Array, number, undefined>): Promise<number> {
  for (;;) {
    const { done, value } = await bytes.next();
    if (done) return value;
  }
}
