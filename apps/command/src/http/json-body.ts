import { ApiProblems, ProblemError } from '@factflow/server';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { leaveTypesToRoutes, mediaTypeOf } from './content-type';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** the body is one small JSON object, parsed before the route is called */
    jsonBody?: true;
  }
}

/** Bytes of such a body at most. */
const MAX_BYTES = 64 * 1024;

const PROBLEMS = {
  413: `The body is larger than ${MAX_BYTES} bytes`,
  415: 'The body is not application/json, or it is encoded',
};

/** Marks a route that takes a JSON object as its body, or none. To other routes bodies come unread. */
export const JsonBody = (): MethodDecorator => {
  const config: FastifyContextConfig = { jsonBody: true };
  return applyDecorators(RouteConfig(config), ApiProblems(PROBLEMS));
};

/** Bodies are inflated, counted and judged by the routes that take them, not gathered by the framework. */
export function addBodyParser(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  leaveTypesToRoutes(fastify);
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) =>
    request.routeOptions.config?.jsonBody ? readJson(request, payload) : payload,
  );
}

async function readJson(request: FastifyRequest, payload: Readable): Promise<object> {
  const { headers } = request;
  try {
    const type = mediaTypeOf(request);
    if (type !== 'application/json')
      throw refused(415, 'unsupported_media_type', 'content-type', 'must be application/json');
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw refused(415, 'unsupported_encoding', 'content-encoding', 'must be left out');
    return parseObject(await textOf(payload));
  } finally {
    // What is left of a refused body has to be read, or the next request on the connection never is.
    payload.resume();
  }
}

async function textOf(payload: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw refused(413, 'body_too_large', 'body', `must not exceed ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, size));
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused(400, 'malformed_json', 'body', 'is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw refused(400, 'malformed_json', 'body', 'must be a JSON object');
}

const refused = (status: number, code: string, field: string, message: string): ProblemError =>
  new ProblemError({
    status,
    code,
    detail: `The body must be one JSON object of at most ${MAX_BYTES} bytes, sent as application/json: ${field} ${message}.`,
    errors: [{ field, message }],
  });
