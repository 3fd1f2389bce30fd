import type { FastifyInstance } from 'fastify';
import { problemOf, sendProblem } from './problem';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;

/** Whether a host name or address, without port, is this machine's own. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Refuses requests whose `Host` is not loopback. A page of another site can make a browser send requests to
 * 127.0.0.1 under the site's own name (DNS rebinding); the name is what gives it away.
 */
export function acceptLoopbackHostOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const host = (request.raw.headers.host ?? '').replace(/:\d*$/, '');
    if (isLoopback(host)) return done();
    const detail = 'This server listens on loopback and answers requests for localhost only.';
    sendProblem(reply, problemOf({ status: 421, detail }));
  });
}
