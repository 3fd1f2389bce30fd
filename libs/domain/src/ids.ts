import { randomBytes } from 'node:crypto';
import { timeNow } from './clock';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// An id is a millisecond, a counter of 26 bits that begins anywhere in its lower half with each millisecond (RFC 9562,
// section 6.2, method 1), and 48 random bits. Random bytes are asked for in bulk: one by one they cost more than all else.

/** A clock that was set back further than this was wrong before: ids follow it again, and do not sort behind those made meanwhile. */
const MOST_BACK_MS = 10_000;
const COUNTER_END = 2 ** 26;
/** Bits of the counter behind the variant; the others stand before it. */
const LOW_BITS = 14;
const LOW_MASK = 2 ** LOW_BITS - 1;
const VERSION = 0x7000;
const VARIANT = 0x80;
/** Random hex digits of one id, and how many are kept ready. */
const DIGITS = 12;
const READY = 512 * DIGITS;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

let millisecond = -Infinity;
let counter = 0;
/** Of the ids made now: the millisecond, the version and the upper bits of the counter. */
let stem = '';
let random = '';
let used = 0;

/**
 * A new id: UUID version 7 (RFC 9562), lower-case, so that ids sort by the time they were made; also while the clock is set back
 * by little.
 * @param now the time, where it is known already
 */
export function newId(now = timeNow()): string {
  counter += 1;
  const isBack = now < millisecond - MOST_BACK_MS;
  if (now > millisecond || isBack || counter === COUNTER_END) {
    // More ids than a millisecond holds, or made before the clock was set back a little, go on from the last one.
    millisecond = isBack ? now : Math.max(now, millisecond + 1);
    counter = randomBytes(4).readUInt32BE() % (COUNTER_END / 2);
    stem = stemOf();
  } else if ((counter & LOW_MASK) === 0) stem = stemOf();
  if (used === random.length) {
    random = randomBytes(READY / 2).toString('hex');
    used = 0;
  }
  const low = counter & LOW_MASK;
  return `${stem}${HEX[VARIANT | (low >> 8)]}${HEX[low & 0xff]}-${random.slice(used, (used += DIGITS))}`;
}

function stemOf(): string {
  const time = millisecond.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${(VERSION | (counter >> LOW_BITS)).toString(16)}-`;
}

/** Whether `text` is an id as the wire accepts it: 8-4-4-4-12 hex digits of any version, variant and case. */
export const isId = (text: string): boolean => UUID.test(text);

/**
 * The milliseconds since 1970 that a version 7 id carries.
 * @param id a lower-case id
 * @returns undefined for ids of any other version or variant
 */
export function timeOfId(id: string): number | undefined {
  return UUID_V7.test(id) ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}
