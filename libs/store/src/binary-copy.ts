import type { Column, ColumnType, Table } from './table';

// The binary format of https://www.postgresql.org/docs/current/sql-copy.html: a signature, for each row the number of its
// values and each value with its length before it (-1 for null), and -1 at the end. Ids and times have half the bytes of
// their text and need no parsing at the other end. Numbers are big-endian.

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const END = Buffer.from([0xff, 0xff]);
/** PostgreSQL parses a chunk while the next one is made. */
const CHUNK_BYTES = 64 * 1024;
/** Room for the row that fills a chunk; a longer one makes its chunk grow. */
const SLACK_BYTES = 8 * 1024;
/** Up to so many characters, a loop is faster than a call into the runtime. */
const SHORT_CHARACTERS = 100;

const EPOCH_MS = Date.UTC(2000, 0, 1);
const UUID_OID = 2950;
const TWO_32 = 2 ** 32;
/** Where the bytes of an id stand in its text. */
const UUID_PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HEX_VALUES = Uint8Array.from(
  { length: 128 },
  (_, code) => parseInt(String.fromCharCode(code), 16) || 0,
);

/** Writes values one after the other into a chunk. */
class ChunkWriter {
  private buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES);
  private at = 0;

  get isFull(): boolean {
    return this.at >= CHUNK_BYTES;
  }

  /** What was written since the last time. */
  take(): Buffer {
    const chunk = this.buffer.subarray(0, this.at);
    this.buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES);
    this.at = 0;
    return chunk;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  int16(value: number): void {
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.reserve(4);
    this.put32(this.at, value);
    this.at += 4;
  }

  int8(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  /** A whole number a double holds exactly, times `factor`: the product need not be one. */
  int64(value: number, factor = 1): void {
    const low = (value - Math.floor(value / TWO_32) * TWO_32) * factor;
    const carry = Math.floor(low / TWO_32);
    this.int32(Math.floor(value / TWO_32) * factor + carry);
    this.int32(low - carry * TWO_32);
  }

  uuid(text: string): void {
    this.reserve(16);
    const { buffer } = this;
    let at = this.at;
    for (const place of UUID_PLACES) {
      const high = HEX_VALUES[text.charCodeAt(place)] as number;
      buffer[at++] = (high << 4) | (HEX_VALUES[text.charCodeAt(place + 1)] as number);
    }
    this.at = at;
  }

  /** Its length in bytes, that of `prefix` included, before the text. */
  text(text: string, prefix?: number): void {
    this.reserve(5 + text.length * 3);
    const start = this.at;
    this.at += 4;
    if (prefix !== undefined) this.buffer[this.at++] = prefix;
    if (!this.ascii(text)) this.at += this.buffer.write(text, this.at);
    this.put32(start, this.at - start - 4);
  }

  /** @returns false when the text is not a short one of ASCII: nothing is written then */
  private ascii(text: string): boolean {
    const { length } = text;
    if (length > SHORT_CHARACTERS) return false;
    const { buffer, at } = this;
    for (let n = 0; n < length; n += 1) {
      const code = text.charCodeAt(n);
      if (code > 127) return false;
      buffer[at + n] = code;
    }
    this.at += length;
    return true;
  }

  private put32(at: number, value: number): void {
    const { buffer } = this;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow((this.at + bytes) * 2);
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}

/** JSONB comes with the version of its format. */
const JSONB_VERSION = 1;

function writeUuids(writer: ChunkWriter, ids: readonly string[]): void {
  const dimensions = ids.length === 0 ? 0 : 1;
  writer.int32(12 + dimensions * 8 + ids.length * 20);
  writer.int32(dimensions);
  writer.int32(0);
  writer.int32(UUID_OID);
  if (dimensions === 0) return;
  writer.int32(ids.length);
  writer.int32(1);
  for (const id of ids) {
    writer.int32(16);
    writer.uuid(id);
  }
}

type WriteValue = (writer: ChunkWriter, value: never) => void;

const sized =
  <Value>(bytes: number, write: (writer: ChunkWriter, value: Value) => void) =>
  (writer: ChunkWriter, value: Value): void => {
    writer.int32(bytes);
    write(writer, value);
  };

const WRITERS: Readonly<Partial<Record<ColumnType, WriteValue>>> = {
  uuid: sized(16, (writer, id: string) => writer.uuid(id)),
  'uuid[]': writeUuids,
  text: (writer, text: string) => writer.text(text),
  json: (writer, text: string) => writer.text(text),
  jsonb: (writer, value: object) => writer.text(JSON.stringify(value), JSONB_VERSION),
  boolean: sized(1, (writer, value: boolean) => writer.int8(value ? 1 : 0)),
  integer: sized(4, (writer, value: number) => writer.int32(value)),
  bigint: sized(8, (writer, value: number) => writer.int64(value)),
  // Microseconds since 2000.
  'timestamptz(3)': sized(8, (writer, ms: number) => writer.int64(ms - EPOCH_MS, 1000)),
};

function writerOf<State>([type, value]: Column<State>): (writer: ChunkWriter, state: State) => void {
  const write = WRITERS[type] as ((writer: ChunkWriter, value: unknown) => void) | undefined;
  if (!write) throw new Error(`no binary form of ${type}`);
  return (writer, state) => {
    const given = value(state);
    if (given === null || given === undefined) writer.int32(-1);
    else write(writer, given);
  };
}

/** States as rows in the binary format of COPY, in chunks. @throws Error for a table with columns of other types */
export function* binaryCopy<State>({ columns }: Table<State>, states: readonly State[]): Generator<Buffer> {
  const writers = Object.values(columns).map(writerOf);
  const writer = new ChunkWriter();
  writer.bytes(SIGNATURE);
  for (const state of states) {
    writer.int16(writers.length);
    for (const write of writers) write(writer, state);
    if (writer.isFull) yield writer.take();
  }
  writer.bytes(END);
  yield writer.take();
}
