import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ByteRange, PayloadStore } from '@factflow/payloads';
import { ProblemError } from '@factflow/server';
import { rangeOf } from './byte-range';
import type { PayloadFacts } from './get-payload';

// Bytes are an answer to save, never one to show: whatever a message was, it must not run in a browser under this address.

/** Up to so many bytes are verified before the first of them is sent. */
const VERIFIED_FIRST_BYTES = 1024 ** 2;

/** The extension of the name under which bytes are saved. Types that a file manager would run have none. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/json': '.json',
  'application/pdf': '.pdf',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'text/csv': '.csv',
  'text/plain': '.txt',
};

type Headers = Readonly<Record<string, string>>;

const etagOf = (key: string): string => `"${key.replace(':', '-')}"`;

function nameOf({ key, contentType }: PayloadFacts): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return `${key.slice('sha256:'.length)}${EXTENSIONS[type] ?? '.bin'}`;
}

/** What every answer about bytes says. */
const headersOf = (facts: PayloadFacts): Headers => ({
  'content-type': facts.contentType,
  'content-disposition': `attachment; filename="${nameOf(facts)}"`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  // Bytes never change, but they may be removed, and are not everybody's business.
  'cache-control': 'private, no-cache',
  'accept-ranges': 'bytes',
  etag: etagOf(facts.key),
});

/** What a request says of the bytes it has, and of those it wants. */
export interface Wishes {
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-range'?: string | string[] | undefined;
  readonly range?: string | undefined;
}

/** An answer about bytes, without them. */
export interface PayloadAnswer {
  readonly status: 200 | 206 | 304;
  readonly headers: Headers;
  readonly range?: ByteRange;
}

/** @throws ProblemError 416 when there are no such bytes */
export function answerOf(facts: PayloadFacts, wishes: Wishes): PayloadAnswer {
  const { key, bytes } = facts;
  const headers = headersOf(facts);
  if (matches(wishes['if-none-match'], etagOf(key))) return { status: 304, headers };
  const ifRange = wishes['if-range'];
  const range = ifRange === undefined || ifRange === etagOf(key) ? rangeOf(wishes.range, bytes) : 'all';
  if (range === 'all') return { status: 200, headers: { ...headers, 'content-length': String(bytes) } };
  if (range === 'unsatisfiable') throw unsatisfiable(bytes);
  const { start, end } = range;
  return {
    status: 206,
    range,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${bytes}`,
    },
  };
}

const unsatisfiable = (bytes: number): ProblemError =>
  new ProblemError(
    {
      status: 416,
      code: 'range_not_satisfiable',
      detail: `There are ${bytes} bytes, and none in this range.`,
      errors: [{ field: 'range', message: `must begin before ${bytes}` }],
    },
    { 'content-range': `bytes */${bytes}` },
  );

/** Whether a list of entity tags names this one; weak ones compare as well. */
const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);

/**
 * The bytes themselves, verified. Small ones, before this returns; with others damage breaks off the answer before its end.
 * @throws PayloadCorrupt, PayloadMissing
 */
export async function bytesOf(
  store: PayloadStore,
  { key, bytes }: PayloadFacts,
  range: ByteRange | undefined,
): Promise<Buffer | Readable> {
  const stream = await store.read(key, range);
  if (bytes <= VERIFIED_FIRST_BYTES) return buffer(stream);
  // What fails at once can be told.
  await once(stream, 'readable');
  return stream;
}
