import { MAX_LINE_BYTES } from '@factflow/journal';

const BREAK = 0x0a;

/** A line of a file. */
export interface RawLine {
  /** from 1 */
  readonly number: number;
  /** without the line break; undefined for a line that is too long to be held */
  readonly bytes: Buffer | undefined;
  /** whether its line break is there */
  readonly isEnded: boolean;
}

/** Divides what comes into lines; no more of it is held than a line and a chunk, and no chunk once the next is asked for. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<RawLine, void, undefined> {
  let number = 1;
  let pieces: Buffer[] = [];
  let length = 0;
  const line = (isEnded: boolean): RawLine => ({
    number,
    isEnded,
    bytes: length > MAX_LINE_BYTES ? undefined : Buffer.concat(pieces, length),
  });
  for await (const { buffer, byteOffset, byteLength } of chunks) {
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    for (let start = 0; ;) {
      const end = chunk.indexOf(BREAK, start);
      const piece = chunk.subarray(start, end === -1 ? undefined : end);
      length += piece.length;
      if (length > MAX_LINE_BYTES) pieces = [];
      else pieces.push(end === -1 ? Buffer.from(piece) : piece);
      if (end === -1) break;
      yield line(true);
      [number, pieces, length, start] = [number + 1, [], 0, end + 1];
    }
  }
  if (length > 0) yield line(false);
}
