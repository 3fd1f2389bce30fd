import type { FastifyReply } from 'fastify';

/** Says when the asker has gone away, or has the whole answer. */
export function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
