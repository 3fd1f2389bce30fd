import { Writable } from 'node:stream';
import { connect } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { bootstrapServer, type RunningServer, type ServerOptions } from '../bootstrap';

export interface TestServer extends RunningServer {
  /** What the log has so far, parsed. */
  readonly log: Record<string, unknown>[];
  get(path: string, init?: RequestInit): Promise<Answer>;
  /** Bytes as they are over a connection of their own; the answer as text. */
  raw(bytes: string): Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed, `undefined` when it is not JSON. */
  readonly json: unknown;
}

/** A real server on a port of its own. */
export async function startTestServer(
  module: Type | DynamicModule,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const log: Record<string, unknown>[] = [];
  const logDestination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().trim().split('\n')) log.push(JSON.parse(line));
      done();
    },
  });
  const server = await bootstrapServer(module, {
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    portVariable: 'TEST_PORT',
    logDestination,
    ...options,
  });
  const port = Number(new URL(server.url).port);
  return {
    ...server,
    log,
    get: async (path, init) => {
      const response = await fetch(`${server.url}${path}`, init);
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    },
    raw: (bytes) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', reject);
        socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
      }),
  };
}
