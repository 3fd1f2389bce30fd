import { startProcess, type ProcessExit, type TestProcess } from '@factflow/testing';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { oneOfEach, type FixtureTree } from './testing/fixture-tree';

const MAIN = join(__dirname, '../../../dist/apps/example/main.mjs');

/** The events of a request's body, one a line. */
const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);

describe('the built example', () => {
  let tree: FixtureTree;
  let server: Server;
  let isAway: boolean;
  let received: string[];

  beforeEach(async () => {
    tree = oneOfEach();
    isAway = false;
    received = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url?.startsWith('/api/v1/recorders/')) return response.writeHead(204).end();
        // Nothing is ever replayed: whoever asks for such work waits.
        if (request.url?.startsWith('/api/v1/replay-work/')) return undefined;
        if (isAway) return response.writeHead(503).end();
        const [, key] = /^\/api\/v1\/payloads\/(.+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
        if (key !== undefined)
          return response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ key }));
        const lines = linesOf(gunzipSync(Buffer.concat(chunks)).toString());
        received.push(...lines);
        return response.end(JSON.stringify({ accepted: lines.length, duplicates: 0, rejected: [] }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    tree.remove();
  });

  const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = async (
    args: string[],
    env: Record<string, string> = {},
  ): Promise<[ProcessExit, TestProcess]> => {
    const child = startProcess(process.execPath, [MAIN, ...args], {
      env: { FACTFLOW_ENDPOINT: endpoint(), FACTFLOW_STRUCTURED_LOG: join(tree.root, 'lost.ndjson'), ...env },
    });
    return [await child.exit, child];
  };

  it('audits, says what it found and where the execution is, and has everything acknowledged', async () => {
    const report = join(tree.root, 'report.md');
    const [exit, { stdout, stderr }] = await run([tree.root, '--report', report]);
    expect({ ...exit, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toMatch(/Audited 17 packages in [\d.]+ s: 9 fine, 8 findings\./);
    expect(stdout).toMatch(/\n +2 {2}LicenceTextMissing\n/);
    expect(stdout).toContain(`Report: ${report}\n`);
    expect(stdout).toContain(
      `Lineage: ${received.length} events acknowledged by ${endpoint()}, 0 rejected, 0 not delivered.`,
    );
    const executionId = /\nexecution ([0-9a-f-]{36})\n$/.exec(stdout)?.[1];
    expect(received.every((line) => line.includes(`"execution_id":"${executionId}"`))).toBe(true);
    expect(readFileSync(report, 'utf8')).toContain('# Licence audit');
  });

  it('does its work without a command app, then waits, saying so, and says how to bring the rest back', async () => {
    isAway = true;
    const [exit, { stdout, stderr }] = await run([tree.root], { FACTFLOW_FLUSH_TIMEOUT_MS: '300' });
    expect(exit.code).toBe(0);
    expect(stdout).toMatch(/Audited 17 packages/);
    expect(stderr).toContain(`lineage: waiting up to 0.3 s for the command app at ${endpoint()}`);
    const lost = join(tree.root, 'lost.ndjson');
    expect(stdout).toContain(`--data-binary @'${lost}' '${endpoint()}/api/v1/events'`);
    const lines = linesOf(readFileSync(lost, 'utf8'));
    expect(stdout).toContain(`0 rejected, ${lines.length} not delivered`);
    expect(
      lines.map((line) => (JSON.parse(line) as { source: { sequence: number } }).source.sequence),
    ).toEqual(lines.map((_, place) => place + 1));
  });

  it('ends with 2 and its usage when it is used wrongly, with 1 when there is nothing to audit', async () => {
    const [wrong, { stderr }] = await run(['--what']);
    expect(wrong.code).toBe(2);
    expect(stderr).toContain('usage: ');
    const [nowhere, child] = await run([join(tree.root, 'nowhere')]);
    expect(nowhere.code).toBe(1);
    expect(child.stderr).toContain('The audit could not go on: ENOENT');
  });
});
