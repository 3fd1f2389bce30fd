import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE, problemOf, sendProblem, type ProblemInit } from './problem';

/** What the router refuses before any route is chosen: bad percent-encoding, an over-long path segment. */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = error.statusCode ?? 400;
  const detail = status < 500 ? error.message : undefined;
  sendProblem(reply, problemOf({ status, ...(detail !== undefined && { detail }) }));
}

const CLIENT_ERRORS: Readonly<Record<string, ProblemInit>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The request line and headers are too long.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: 'The chunk extensions of the body are too long.' },
};

/** Bytes that are no HTTP never become a request: the answer is written to the connection itself. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const init = CLIENT_ERRORS[error.code ?? ''] ?? { status: 400, detail: 'The request is not valid HTTP.' };
  const body = JSON.stringify(problemOf(init));
  if (socket.writable) {
    socket.write(
      [
        `HTTP/1.1 ${init.status} ${STATUS_CODES[init.status]}`,
        `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}
