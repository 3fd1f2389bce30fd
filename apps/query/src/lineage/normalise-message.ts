// What makes one occurrence of an error differ from the next is replaced, so that the same error has the same text. The
// rules apply in this order; each is linear, or bounded by the length that is looked at.

/** Characters of a message that count. */
export const MESSAGE_CHARACTERS = 1000;
const SHOWN_CHARACTERS = 300;

const RULES: readonly (readonly [pattern: RegExp, placeholder: string])[] = [
  // https://host:1/a?b, s3://bucket/key
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>)\]}]+/gi, '<url>'],
  // "text", 'text', `text` and “text”; an apostrophe within a word begins none
  [/(?<![\w\\])(["'`])(?:(?!\1)[^\n]){0,400}\1(?!\w)|“[^”\n]{0,400}”|«[^»\n]{0,400}»/g, '<text>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  // 2026-11-22T20:34:00.123Z, 2026-11-22 20:34, 20:34:00
  [
    /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g,
    '<time>',
  ],
  // /a/b.txt, ./a, ../a, ~/a and C:\a\b
  [
    /(?<![\w/<>.~])(?:~|\.{1,2})?\/[\w.@%+~-][^\s:,;"'`()[\]{}<>]*|\b[a-z]:\\[^\s:,;"'`()[\]{}<>]+/gi,
    '<path>',
  ],
  // 0x7ffe, and digests and the like: hexadecimal digits, of both kinds
  [/\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  // ids of other makes: long, with letters and digits
  [/\b(?=[a-z_]*\d)(?=\d*[a-z_])\w{16,}\b/gi, '<id>'],
  // 12, 3.5, 10.0.0.1:5432, 1,000; also within a word
  [/\d+(?:[.,:]\d+)*/g, '<n>'],
  [/\s+/g, ' '],
];

/** The message of an error without what differs from one occurrence to the next, such as `no chunk <n> in <path>`. */
export function normaliseMessage(message: string): string {
  let text = message.length > MESSAGE_CHARACTERS ? message.slice(0, MESSAGE_CHARACTERS) : message;
  for (const [pattern, placeholder] of RULES) text = text.replace(pattern, placeholder);
  text = text.trim();
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}…` : text;
}
