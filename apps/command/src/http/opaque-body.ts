import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** the body is bytes, whatever their content type is called */
    opaqueBody?: true;
  }
}

const ANY_BYTES = 'application/octet-stream';

/** What senders call the bodies of requests under way. */
const contentTypes = new WeakMap<FastifyRequest, string>();

/** Marks a route that takes bytes and judges by itself what they are called. */
export const OpaqueBody = (): MethodDecorator => {
  const config: FastifyContextConfig = { opaqueBody: true };
  return RouteConfig(config);
};

/** What the sender calls the bytes of such a body, as it was sent. */
export const opaqueTypeOf = (request: FastifyRequest): string | undefined => contentTypes.get(request);

/** The framework refuses names that are no media types before a route is called: for such bodies it is shown another. */
export function acceptOpaqueBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const type = headers['content-type'];
    if (type !== undefined && request.routeOptions.config?.opaqueBody) {
      contentTypes.set(request, type);
      headers['content-type'] = ANY_BYTES;
    }
    done();
  });
}
