import { crc32 } from 'node:zlib';

// A line of the journal: eight hex digits, the CRC-32 of the text's bytes, a space, the text, a line break.

/** A line is at most so long: no event is, however its characters are escaped. What is longer was never written as a line. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** Bytes before the text of a line. */
const HEADER = 9;
const SPACE = 0x20;
const BREAK = 0x0a;
const BRACE = 0x7b;
const CLOSE = 0x7d;
const MAX_BEGINNINGS = 100;
/** ASCII codes of hex digits. */
const DIGITS = Buffer.from('0123456789abcdef');
/** What every byte means as a hex digit; -1 for nothing. */
const VALUES = Int8Array.from({ length: 256 }, (_, byte) => DIGITS.indexOf(byte));

/** Makes lines in memory of its own, so that nothing is allocated for one. */
export class LineWriter {
  #bytes = Buffer.allocUnsafe(16 * 1024);

  /** The line of a text without line breaks; its memory is used again for the next one. */
  write(text: string): { readonly bytes: Buffer; readonly length: number } {
    const most = HEADER + text.length * 3 + 1;
    if (most > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(most * 2);
    const bytes = this.#bytes;
    const end = HEADER + bytes.write(text, HEADER);
    writeChecksum(bytes, crc32(bytes.subarray(HEADER, end)));
    bytes[HEADER - 1] = SPACE;
    bytes[end] = BREAK;
    return { bytes, length: end + 1 };
  }
}

function writeChecksum(bytes: Buffer, checksum: number): void {
  for (let place = 7, rest = checksum; place >= 0; place -= 1, rest >>>= 4)
    bytes[place] = DIGITS[rest & 15] as number;
}

/** The text of a line given without its line break; undefined when it is not as it was written. */
export function readLine(line: Buffer): string | undefined {
  if (line.length < HEADER || line[HEADER - 1] !== SPACE) return undefined;
  const checksum = readChecksum(line);
  return checksum === crc32(line.subarray(HEADER)) ? line.toString('utf8', HEADER) : undefined;
}

/** @returns undefined when a line does not begin with one */
function readChecksum(line: Buffer): number | undefined {
  let checksum = 0;
  for (let place = 0; place < HEADER - 1; place += 1) {
    const digit = VALUES[line[place] as number] as number;
    if (digit < 0) return undefined;
    checksum = checksum * 16 + digit;
  }
  return checksum;
}

/** A piece of what stands between two line breaks: a whole line, or one that cannot be read. */
export interface LinePart {
  /** undefined where nothing can be read */
  readonly text: string | undefined;
  readonly length: number;
}

/**
 * What is left of a line given without its line break: itself, or, where line breaks were damaged, the whole lines in it
 * and what is between them. There is one part at least.
 */
export function* partsOf(line: Buffer): Generator<LinePart, void, undefined> {
  let rest = line;
  do {
    const part = firstPartOf(rest);
    yield part;
    rest = rest.subarray(part.length);
  } while (rest.length > 0);
}

function firstPartOf(line: Buffer): LinePart {
  const text = readLine(line);
  if (text !== undefined) return { text, length: line.length };
  const end = endOfFirst(line);
  // The byte behind it is what is left of its line break.
  if (end !== undefined) return { text: line.toString('utf8', HEADER, end), length: end + 1 };
  return { text: undefined, length: beginningsWithin(line)[0] ?? line.length };
}

/** Where the whole line ends that a damaged one begins with: its checksum tells, wherever an event may end. */
function endOfFirst(line: Buffer): number | undefined {
  const checksum = line[HEADER - 1] === SPACE ? readChecksum(line) : undefined;
  if (checksum === undefined) return undefined;
  let sum = 0;
  let summed = HEADER;
  for (let at = line.indexOf(CLOSE, HEADER); at >= 0; at = line.indexOf(CLOSE, at + 1)) {
    sum = crc32(line.subarray(summed, at + 1), sum);
    summed = at + 1;
    if (sum === checksum && summed < line.length) return summed;
  }
  return undefined;
}

/** Places in a damaged line where a whole one may begin, ascending: what was damaged may be a line break. */
function beginningsWithin(line: Buffer): number[] {
  const found: number[] = [];
  for (
    let at = line.indexOf(SPACE);
    at >= 0 && found.length < MAX_BEGINNINGS;
    at = line.indexOf(SPACE, at + 1)
  ) {
    const start = at - HEADER + 1;
    if (start > 0 && line[at + 1] === BRACE && isHex(line.toString('latin1', start, at))) found.push(start);
  }
  return found;
}

const isHex = (text: string): boolean => /^[0-9a-f]{8}$/.test(text);
