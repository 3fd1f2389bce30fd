import { exceedsBytes, LIMITS, storableText } from '@factflow/domain';

/** Text cut to at most `limit` UTF-16 units, not through the middle of a character. */
function cut(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/** The longest beginning of a text that fits into so many bytes. */
function cutToBytes(text: string, limit: number, bytesOf: (text: string) => number): string {
  let [fits, tooLong] = [0, Math.min(text.length, limit) + 1];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (bytesOf(cut(text, middle)) <= limit) fits = middle;
    else tooLong = middle;
  }
  return cut(text, fits);
}

const utf8Bytes = (text: string): number => Buffer.byteLength(text);
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

function shortened(text: string, limit: number, bytesOf: (text: string) => number): string {
  const mark = ` … [shortened from ${text.length.toLocaleString('en')} characters]`;
  // Every UTF-16 unit takes a byte at least: nothing beyond `limit` of them can stay.
  return cutToBytes(storableText(cut(text, limit)), Math.max(0, limit - utf8Bytes(mark)), bytesOf) + mark;
}

/** Text of at most `limit` UTF-8 bytes that PostgreSQL can hold. What was cut off leaves a mark. */
export function shortenText(text: string, limit: number): string {
  if (text.length > limit) return shortened(text, limit, utf8Bytes);
  const storable = storableText(text);
  return exceedsBytes(storable, limit) ? shortened(text, limit, utf8Bytes) : storable;
}

/** The same, measured as JSON writes it: control characters take six bytes there. */
export function shortenJsonText(text: string, limit: number): string {
  if (text.length > limit) return shortened(text, limit, jsonBytes);
  const storable = storableText(text);
  return jsonBytes(storable) > limit ? shortened(text, limit, jsonBytes) : storable;
}

/** Text of at most `limit` Unicode characters; an ellipsis marks what was cut off. */
export function shortenCharacters(text: string, limit: number): string {
  if (text.length <= limit) return storableText(text);
  const characters = [...text.slice(0, limit * 2 + 2)];
  return storableText(
    characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : characters.join(''),
  );
}

/** Names that need no change: a service has few, and looks each of them up again and again. */
const GOOD_NAMES = new Set<string>();
const MAX_GOOD_NAMES = 1_000;

/** A route, adapter, stage, execution or error class name; `[no …]` when there is none. */
export function shortenName(name: unknown, what: string): string {
  if (typeof name !== 'string' || name === '') return `[no ${what}]`;
  if (GOOD_NAMES.has(name)) return name;
  const good = shortenCharacters(name, LIMITS.nameCharacters);
  if (good === name && GOOD_NAMES.size < MAX_GOOD_NAMES) GOOD_NAMES.add(name);
  return good;
}
