import type { FastifyInstance, FastifyRequest } from 'fastify';

const ANY_BYTES = 'application/octet-stream';

/** What senders call the bodies of requests under way. */
const contentTypes = new WeakMap<FastifyRequest, string>();

/** What the sender calls the bytes of its body, as it was sent. */
export const contentTypeOf = (request: FastifyRequest): string | undefined => contentTypes.get(request);

/** The same without parameters, as media types are compared. */
export const mediaTypeOf = (request: FastifyRequest): string =>
  contentTypeOf(request)?.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Routes judge by themselves what bodies are called. The framework would refuse names that are no media types before a
 * route is called, in words of its own: it is shown another.
 */
export function leaveTypesToRoutes(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const type = headers['content-type'];
    if (type !== undefined) {
      contentTypes.set(request, type);
      headers['content-type'] = ANY_BYTES;
    }
    done();
  });
}
