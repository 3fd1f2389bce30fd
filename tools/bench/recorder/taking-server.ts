import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../../scratch/scope';

const inflate = promisify(gunzip);

/** Takes events as the command app does, and throws them away: what the recorder costs is measured, not PostgreSQL. */
export async function startTakingServer(scope: Scope): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request)
      .then((body) => (request.headers['content-encoding'] === 'gzip' ? inflate(body) : body))
      .then((text) => {
        const accepted = linesOf(text);
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

/** Lines of a body, the last one with or without its line break. */
function linesOf(text: Buffer): number {
  let lines = text.length > 0 && text.at(-1) !== 10 ? 1 : 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) lines += 1;
  return lines;
}
