import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startProcess, type TestProcess } from '@factflow/testing';
import { openPayloadStore } from './open-payload-store';
import { PayloadStoreUnavailable } from './payload-errors';
import type { PayloadStore } from './payload-store';
import {
  inPieces,
  keepsTheContract,
  keyOf,
  LIMIT,
  storing,
  type StoreUnderTest,
} from './testing/store-contract';

// Against a server that speaks the protocol, in a process of its own.

const SERVER = join(__dirname, '../../../node_modules/s3rver/bin/s3rver.js');
/** What this server knows. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

jest.setTimeout(60_000);

describe('a payload store in S3', () => {
  let folder: string;
  let server: TestProcess;
  let endpoint: string;
  let under: StoreUnderTest;
  const opened: PayloadStore[] = [];

  const open = (url: string): PayloadStore => {
    const store = openPayloadStore(url);
    opened.push(store);
    return store;
  };
  /** Objects that the server lists and does not give back, as those of an archive, until they are written again. */
  const archived = new Set<string>();
  const front = createServer((incoming, answer) => {
    const [path = ''] = (incoming.url ?? '').split('?');
    if (incoming.method === 'GET' && archived.has(path)) {
      answer.writeHead(403, { 'content-type': 'application/xml' });
      answer.end('<Error><Code>InvalidObjectState</Code><Message>It is archived.</Message></Error>');
      return;
    }
    if (incoming.method === 'PUT') archived.delete(path);
    const { method = 'GET', headers, url = '/' } = incoming;
    const onward = request(endpoint + url, { method, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  const pathOf = (key: string): string => `/payloads/of/lineage/sha256/${key.slice(7)}`;
  const objectOf = (key: string): string =>
    join(folder, 'payloads', 'of', 'lineage', 'sha256', `${key.slice(7)}._S3rver_object`);

  beforeAll(async () => {
    Object.assign(process.env, CREDENTIALS, { AWS_EC2_METADATA_DISABLED: 'true' });
    folder = await mkdtemp(join(tmpdir(), 'factflow-s3-'));
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    const args = ['-d', folder, '-a', '127.0.0.1', '-p', String(port), '--silent', '--no-vhost-buckets'];
    server = startProcess(process.execPath, [SERVER, ...args, '--configure-bucket', 'payloads']);
    await eventually(async () => (await fetch(endpoint)).status > 0, 'the server');
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const { port: frontPort } = front.address() as AddressInfo;
    under = {
      store: open(`s3://payloads/of/lineage?endpoint=http://127.0.0.1:${frontPort}`),
      damage: async (key, change) => writeFile(objectOf(key), change(await readFile(objectOf(key)))),
      obstruct: (key) => Promise.resolve(void archived.add(pathOf(key))),
      leftovers: async () =>
        (await readdir(folder, { recursive: true })).filter((path) => /probe-|part/i.test(path)),
    };
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    front.closeAllConnections();
    front.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    for (const name of Object.keys(CREDENTIALS)) Reflect.deleteProperty(process.env, name);
  });

  keepsTheContract(() => under);

  it('does not fail where the server cannot tell of uploads that broke off', async () => {
    await expect(under.store.removeLeftovers(Date.now())).resolves.toBe(0);
  });

  const expectAdvice = async (store: PayloadStore, ...advice: readonly string[]): Promise<void> => {
    const bytes = randomBytes(3);
    for (const attempt of [
      () => store.check('write'),
      () => store.check('read'),
      () => store.put(keyOf(bytes), inPieces(bytes), LIMIT),
      () => store.read(keyOf(bytes)),
    ]) {
      const failing = attempt();
      await expect(failing).rejects.toThrow(PayloadStoreUnavailable);
      for (const text of advice) await expect(failing).rejects.toThrow(text);
    }
  };

  it('says that the server is away, and goes on when it is back', async () => {
    const away = open(`s3://payloads?endpoint=http://127.0.0.1:${await freePort()}`);
    await expectAdvice(away, 'ECONNREFUSED', '?endpoint=');
    await storing(under.store, randomBytes(3));
  });

  it('says that there is no such bucket', async () => {
    await expectAdvice(open(`s3://no-such-bucket?endpoint=${endpoint}`), 'NoSuchBucket', 'Make the bucket');
  });

  it('says that the credentials are wrong, or that there are none', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'SOMEBODY';
    try {
      await expectAdvice(open(`s3://payloads?endpoint=${endpoint}`), 'AWS_ACCESS_KEY_ID');
      Reflect.deleteProperty(process.env, 'AWS_ACCESS_KEY_ID');
      await expectAdvice(open(`s3://payloads?endpoint=${endpoint}`), 'AWS_ACCESS_KEY_ID');
    } finally {
      Object.assign(process.env, CREDENTIALS);
    }
  });
});
