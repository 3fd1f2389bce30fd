import { Readable } from 'node:stream';

/**
 * A stream of text that is made as fast as it is read, and no longer than it is read: `lines` is ended when the stream
 * is destroyed. The first piece is made before this returns, so that an early failure is still an answer.
 */
export async function streamOf(lines: AsyncGenerator<string, void, undefined>): Promise<Readable> {
  const first = await lines.next();
  const stream = Readable.from(resumed(first, lines), { objectMode: false, highWaterMark: 64 * 1024 });
  // Destroyed before it was ever read, it would not have begun to end the lines.
  stream.once('close', () => void lines.return().catch(() => undefined));
  return stream;
}

async function* resumed(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  try {
    if (!first.done && first.value !== '') yield first.value;
    for await (const piece of rest) if (piece !== '') yield piece;
  } finally {
    await rest.return();
  }
}
