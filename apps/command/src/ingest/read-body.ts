import { LIMITS } from '@factflow/domain';
import { ProblemError } from '@factflow/server';
import { finished, type Readable } from 'node:stream';
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
    detail: 'The body ends early or is no gzip; send all of it again, or leave the content-encoding out.',
    errors: [{ field: 'body', message: 'is not complete gzip data, which content-encoding announces' }],
  });

/**
 * The bytes of a request's body, in memory of their own. What comes out of decompression is counted while it comes: a small body that inflates
 * without end is broken off at the limit.
 * @param encoding the Content-Encoding header
 * @throws ProblemError 400 for broken gzip, 413 over the limit, 415 for other encodings, 503 when `share` has no room
 */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  share: PendingShare,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const bytes = decoded(body, encoding);
    const unharmed = bytes.iterator({ destroyOnReturn: bytes !== body });
    for await (const chunk of unharmed as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LIMITS.batchBytes) throw tooLarge();
      share.take(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (isZlibError(error)) throw badGzip();
    throw error;
  } finally {
    // What is left of a refused body has to be read, or the next request on the connection never is.
    body.unpipe().resume();
  }
  return joined(chunks, size);
}

/** Not Buffer.concat: it takes the memory of small bodies from a pool. */
function joined(chunks: readonly Buffer[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return body;
    case 'gzip':
    case 'x-gzip':
      return inflated(body);
    default:
      throw new ProblemError({
        status: 415,
        code: 'unsupported_encoding',
        detail: 'Compress the body with gzip, or send it as it is.',
        errors: [{ field: 'content-encoding', message: 'must be gzip, or left out' }],
      });
  }
}

/** Unlike a pipeline this leaves the body, and with it the connection, alone when inflating fails. */
function inflated(body: Readable): Readable {
  const gunzip = createGunzip();
  finished(body, (error) => {
    if (error) gunzip.destroy(error);
  });
  return body.pipe(gunzip);
}

const isZlibError = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code).startsWith('Z_');
