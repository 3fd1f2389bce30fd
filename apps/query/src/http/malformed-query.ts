import { invalidRequest, problemOf, PROBLEM_CONTENT_TYPE } from '@factflow/server';
import type { FastifyInstance } from 'fastify';

/**
 * Refuses queries whose percent-encoding is not UTF-8 (lone surrogates among them). The parser would hand on such
 * text undecoded, as if the asker had meant the percent signs.
 */
export function refuseMalformedQueries(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const field = malformedField(request.raw.url ?? '');
    if (field === undefined) return done();
    const problem = problemOf(invalidRequest([{ field, message: 'must be percent-encoded UTF-8' }]));
    void reply
      .code(problem.status)
      .type(PROBLEM_CONTENT_TYPE)
      .serializer(String)
      .send(JSON.stringify(problem));
  });
}

/** The first parameter that cannot be decoded. */
function malformedField(url: string): string | undefined {
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('%', start)) return undefined;
  for (const part of url.slice(start + 1).split('&')) {
    const [name = ''] = part.split('=', 1);
    if (decode(part) === undefined) return decode(name) ?? name;
  }
  return undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
