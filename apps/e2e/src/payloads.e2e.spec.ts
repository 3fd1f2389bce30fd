import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@factflow/domain';
import { completed, executionStarted, registered } from '@factflow/domain/testing';
import { eventually, freePort, startProcess, type TestProcess } from '@factflow/testing';
import { factflow, factflowJson } from './testing/cli';
import { get, post } from './testing/posting';
import { startSystem, type System } from './testing/system';

const keyOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const put = async ({ command }: System, bytes: Buffer, type = 'text/plain'): Promise<number> => {
  const response = await fetch(`${command.url}/api/v1/payloads/${keyOf(bytes)}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: new Uint8Array(bytes),
  });
  await response.arrayBuffer();
  return response.status;
};
interface Shown {
  readonly input_payload: { readonly key: string; readonly stored: boolean } | null;
}

/** Tells the story of one payload: named, stored, read, by people and by programs. */
async function storedAndRead(system: System, folder: string, bytes: Buffer): Promise<void> {
  const [executionId, id, key] = [newId(), newId(), keyOf(bytes)];
  const inputPayload = { key, redacted: false, contentType: 'text/plain' };
  await post(system.command.url, [
    executionStarted({ executionId, at: Date.now() }),
    registered(id, { executionId, at: Date.now() }, { inputHash: key, inputPayload, started: true }),
    completed(id, { executionId, at: Date.now() }),
  ]);
  const shown = async () => (await get<Shown>(system.query.url, `/lineage/${id}`)).body.input_payload;
  await expect(shown()).resolves.toMatchObject({ key, stored: false });
  expect(await put(system, bytes)).toBe(201);
  await expect(shown()).resolves.toMatchObject({ key, stored: true });

  const answer = await fetch(`${system.query.url}/api/v1/storage/${key}`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  const file = join(folder, 'saved');
  const saved = await factflow(system.query.url, 'storage', 'get', key, '--file', file);
  expect(saved).toMatchObject({ code: 0 });
  expect(readFileSync(file).equals(bytes)).toBe(true);
  const list = await factflowJson<{ items: object[] }>(
    system.query.url,
    'storage',
    'list',
    '--execution',
    executionId,
  );
  expect(list.items).toMatchObject([
    { record_id: id, side: 'input', key, bytes: bytes.length, stored: true },
  ]);
  const record = await factflow(system.query.url, 'lineage', 'get', id, '-o', 'table');
  expect(record.stdout).toContain(`${key}  text/plain`);
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'factflow-e2e-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('payloads as files', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(() => system.stop());
  const fileOf = (key: string): string => join(system.payloadFolder, 'sha256', key.slice(7, 9), key.slice(7));

  it.each([40, 5_000_000])('of %i bytes are stored, named and read', async (size) => {
    await storedAndRead(system, folder, randomBytes(size));
  });

  it('are refused when a byte has changed on the disk, and said to be gone when they are', async () => {
    for (const size of [50, 3_000_000]) {
      const bytes = randomBytes(size);
      const key = keyOf(bytes);
      await put(system, bytes);
      const changed = Buffer.from(bytes);
      changed[size >> 1] = (changed[size >> 1] as number) ^ 1;
      writeFileSync(fileOf(key), changed);
      const file = join(folder, 'saved');
      const { code, stderr } = await factflow(system.query.url, 'storage', 'get', key, '--file', file);
      expect(code).toBe(1);
      expect(stderr).toMatch(/damaged/);
      expect(existsSync(file)).toBe(false);
      expect(await put(system, bytes)).toBe(200);
      expect((await factflow(system.query.url, 'storage', 'get', key, '--file', file)).code).toBe(0);
      rmSync(fileOf(key));
      const gone = await factflow(system.query.url, 'storage', 'get', key);
      expect(gone).toMatchObject({ code: 3, stdout: '' });
      expect(gone.stderr).toContain('were stored, but');
      rmSync(file);
    }
  });

  it('are not there when the command app is killed while they come, and can come again', async () => {
    const bytes = randomBytes(2_000_000);
    const key = keyOf(bytes);
    const sending = request(`${system.command.url}/api/v1/payloads/${key}`, {
      method: 'PUT',
      headers: { 'content-length': bytes.length },
    });
    sending.on('error', () => undefined).write(bytes.subarray(0, 1_000_000));
    const incoming = join(system.payloadFolder, 'incoming');
    await eventually(
      () => existsSync(incoming) && readdirSync(incoming).some((name) => name.startsWith(key.slice(7))),
      'the upload to be on its way',
    );
    await system.command.kill();
    expect(existsSync(fileOf(key))).toBe(false);
    await system.command.restart();
    expect((await fetch(`${system.query.url}/api/v1/storage/${key}`, { method: 'HEAD' })).status).toBe(404);
    expect(await put(system, bytes)).toBe(201);
    expect((await fetch(`${system.query.url}/api/v1/storage/${key}`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('payloads in S3', () => {
  let system: System;
  let server: TestProcess;
  let data: string;
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'factflow-s3-'));
    const port = await freePort();
    const program = join(__dirname, '../../../node_modules/s3rver/bin/s3rver.js');
    const options = ['-d', data, '-a', '127.0.0.1', '-p', String(port), '--silent', '--no-vhost-buckets'];
    server = startProcess(process.execPath, [program, ...options, '--configure-bucket', 'payloads']);
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}`)).status > 0, 'the S3 server');
    system = await startSystem({
      env: {
        FACTFLOW_PAYLOAD_STORE: `s3://payloads/lineage?endpoint=http://127.0.0.1:${port}`,
        AWS_ACCESS_KEY_ID: 'S3RVER',
        AWS_SECRET_ACCESS_KEY: 'S3RVER',
      },
    });
  });
  afterAll(async () => {
    await system.stop();
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('are stored, named and read, and asked for again while the server is away', async () => {
    for (const size of [40, 12_000_000]) await storedAndRead(system, folder, randomBytes(size));
    await server.stop();
    const bytes = randomBytes(9);
    const response = await fetch(`${system.command.url}/api/v1/payloads/${keyOf(bytes)}`, {
      method: 'PUT',
      body: new Uint8Array(bytes),
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 503,
      body: { code: 'payload_store_unavailable' },
    });
    expect(response.headers.get('retry-after')).toBe('5');
    const report = await post(system.command.url, [
      executionStarted({ executionId: newId(), at: Date.now() }),
    ]);
    expect(report.body.accepted).toBe(1);
    expect((await fetch(`${system.query.url}/api/v1/lineage`)).status).toBe(200);
  });
});
