import { Readable } from 'node:stream';

export const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

/** Whether a client that accepts what the header says is served best by lines of JSON; JSON is served otherwise. */
export function prefersNdjson(accept: string | undefined): boolean {
  const weight = new Map<string, number>();
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    weight.set(type, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  const lines = weight.get(NDJSON) ?? 0;
  return lines > 0 && lines >= (weight.get(JSON_TYPE) ?? 0);
}

/**
 * A stream of text that is made as fast as it is read, and no longer than it is read: `lines` is ended when the stream
 * is destroyed. The first piece is made before this returns, so that an early failure is still an answer.
 */
export async function streamOf(lines: AsyncGenerator<string, void, undefined>): Promise<Readable> {
  const first = await lines.next();
  return Readable.from(resumed(first, lines), { objectMode: false, highWaterMark: 64 * 1024 });
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
