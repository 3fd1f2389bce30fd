import { LIMITS } from '@factflow/domain';
import { ProblemError } from '@factflow/server';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { PendingShare } from './pending-bytes';

const tooLarge = (): ProblemError =>
  new ProblemError({
    status: 413,
    code: 'batch_too_large',
    detail: `A request may hold ${LIMITS.batchBytes} bytes after decompression; send the events in smaller batches.`,
  });

const badGzip = (): ProblemError =>
  new ProblemError({
    status: 400,
    code: 'malformed_gzip',
    errors: [{ field: 'body', message: 'is not complete gzip data, which content-encoding announces' }],
  });

/**
 * The text of a request's body. What comes out of decompression is counted while it comes: a small body that inflates
 * without end is broken off at the limit.
 * @param encoding the Content-Encoding header
 * @throws ProblemError 400 for broken gzip, 413 over the limit, 415 for other encodings, 503 when `share` has no room
 */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  share: PendingShare,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoded(body, encoding) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LIMITS.batchBytes) throw tooLarge();
      share.take(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (isZlibError(error)) throw badGzip();
    throw error;
  }
  // Not Buffer.toString: a byte order mark is no part of the first event.
  return new TextDecoder().decode(Buffer.concat(chunks, size));
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return body;
    case 'gzip':
    case 'x-gzip':
      // The iteration hears of errors of the last stream; the callback only keeps them from being unhandled.
      return pipeline(body, createGunzip(), () => undefined);
    default:
      throw new ProblemError({
        status: 415,
        code: 'unsupported_encoding',
        errors: [{ field: 'content-encoding', message: 'must be gzip, or left out' }],
      });
  }
}

const isZlibError = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code).startsWith('Z_');
