import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../scope';

const inflate = promisify(gunzip);

/** Takes events as the command app does, and throws them away: what the recorder costs is measured, not PostgreSQL. */
export async function startTakingServer(scope: Scope): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request)
      .then((body) => (request.headers['content-encoding'] === 'gzip' ? inflate(body) : body))
      .then((text) => {
        const accepted =
          text.length === 0 ? 0 : text.filter((byte) => byte === 10).length + (text.at(-1) === 10 ? 0 : 1);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ accepted, duplicates: 0, rejected: [] }));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  scope.defer('stop the server that takes events', () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
