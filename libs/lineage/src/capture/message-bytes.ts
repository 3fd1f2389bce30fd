import { canonicalJson, hashOf, type Json } from '@factflow/domain';
import type { PayloadKind } from '@factflow/journal';
import { fingerprint, MESSAGE_BOUNDS, standsForData, unhashed } from '../fingerprint';
import { bytesOf, toPlain } from '../plain';

/** A message as it can be kept: the very bytes its hash is made of. */
export interface MessageBytes {
  /** what `fingerprint` gives: `sha256:<64 hex>`, of exactly these bytes */
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly kind: PayloadKind;
  /** a copy of the message, to do as one likes with: bytes, text, or data as JSON has it */
  copy(): unknown;
}

/** A message whose bytes cannot be kept: no others are its own. */
export interface NoBytes {
  readonly hash: string | undefined;
  readonly reason: string;
}

/** The bytes of a message that is not undefined, as `fingerprint` hashes them; of the message's own memory where it is bytes. Never throws. */
export function messageBytes(message: unknown): MessageBytes | NoBytes {
  try {
    if (typeof message === 'string') return ofText(message);
    if (message instanceof Uint8Array) return ofBytes(message);
    if (ArrayBuffer.isView(message) || message instanceof ArrayBuffer) return ofBytes(bytesOf(message));
    const kind = standsForData(message);
    if (kind !== undefined)
      return { hash: unhashed(kind), reason: `${kind || 'an object'} only stands for data` };
    return ofData(message);
  } catch {
    return { hash: fingerprint(message), reason: 'it cannot be read' };
  }
}

function ofText(text: string): MessageBytes {
  const bytes = Buffer.from(text);
  return { hash: hashOf(bytes), bytes, kind: 'txt', copy: () => text };
}

const ofBytes = (bytes: Uint8Array): MessageBytes => ({
  hash: hashOf(bytes),
  bytes,
  kind: 'bin',
  copy: () => Buffer.from(bytes),
});

/** What JSON cannot say exactly would not be the same message again. */
function ofData(message: unknown): MessageBytes | NoBytes {
  const { value, exact } = toPlain(message, MESSAGE_BOUNDS);
  if (!exact) return { hash: `approx-${hashOf(value)}`, reason: 'JSON cannot say it exactly' };
  // A date, and whatever else says that it is a text, is hashed as one.
  if (typeof value === 'string') return ofText(value);
  return { ...ofText(canonicalJson(value)), kind: 'json', copy: (): Json => value };
}
