import type { Json } from './events';
import { LIMITS } from './limits';

/** Text PostgreSQL can hold: NUL and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed;
}

/** Why a value cannot be stored, and where in it. */
export class UnstorableJson extends Error {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * A parsed JSON value as PostgreSQL can hold it: text (keys too) made storable, -0 made 0.
 * Keys that become equal: the last one stays, as in JSON.
 * @param value what JSON.parse gave
 * @param path where the value stands, for errors
 * @throws UnstorableJson for numbers that are no finite doubles and for nesting over the limit
 */
export const storableJson = (value: unknown, path: string): Json =>
  isStorableJson(value, 0) ? value : copyJson(value, path, 0);

/** Whether a value can be stored as it is: true of nearly all, and found out without a copy. */
function isStorableJson(value: unknown, depth: number): value is Json {
  if (typeof value === 'string') return storableText(value) === value;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || depth >= LIMITS.nesting) return false;
  if (Array.isArray(value)) return value.every((item) => isStorableJson(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (storableText(key) !== key) return false;
    if (!isStorableJson((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

function copyJson(value: unknown, path: string, depth: number): Json {
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new UnstorableJson(path, 'must be a number a double can hold');
    return value === 0 ? 0 : value;
  }
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value !== 'object') throw new UnstorableJson(path, 'must be a JSON value');
  if (depth >= LIMITS.nesting)
    throw new UnstorableJson(path, `must not nest deeper than ${LIMITS.nesting} levels`);
  if (Array.isArray(value)) return value.map((item, index) => copyJson(item, `${path}[${index}]`, depth + 1));
  // fromEntries defines properties: a key named __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      storableText(key),
      copyJson(item, `${path}.${shown(key)}`, depth + 1),
    ]),
  );
}

/** A key as an error message shows it. */
const shown = (key: string): string => storableText(key).slice(0, 60);

/** UTF-8 length, without encoding where the number of UTF-16 units decides already. */
export const exceedsBytes = (text: string, limit: number): boolean =>
  text.length > limit || (text.length * 3 > limit && Buffer.byteLength(text) > limit);
