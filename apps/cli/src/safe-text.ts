// What recorded text may hold that a terminal would obey or hide: C0, DEL, C1, separators of lines, marks that turn the
// direction of text, characters without any width, "tags", and halves of surrogate pairs.
const OBEYED =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${hex(code, 5)}}`;
  return NAMED[character] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`);
}

/** Recorded text as one line that shows, as `\x1b`, what a terminal would obey. */
export const safeText = (text: string): string => text.replace(OBEYED, shown);

/** Recorded text of several lines, each safe to print. */
export const safeLines = (text: string): string[] => text.split(/\r?\n/).map(safeText);

/** JSON that a terminal can be shown: what it would obey is escaped, the value is the same. */
export const safeJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(OBEYED, (character) =>
    // Line breaks in serialised JSON are its own layout; those in strings are escaped already.
    character === '\n' ? character : [...character.split('')].map(escapedUnit).join(''),
  );

const escapedUnit = (unit: string): string => `\\u${hex(unit.charCodeAt(0), 4)}`;
