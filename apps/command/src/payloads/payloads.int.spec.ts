import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { anId, executionStarted } from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import { startCommandApp, type CommandApp } from '../testing/command-app';

const MAX_BYTES = 300_000;
const keyOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const lines: string[] = [];
const logDestination = new Writable({
  write: (chunk, _encoding, done) => {
    lines.push(String(chunk));
    done();
  },
});
/** What the log says of bytes. */
const told = (bytes: Uint8Array): string[] => lines.filter((line) => line.includes(keyOf(bytes)));

let app: CommandApp;
beforeAll(async () => {
  const env = { FACTFLOW_PAYLOAD_MAX_BYTES: String(MAX_BYTES), FACTFLOW_LOG_LEVEL: 'debug' };
  app = await startCommandApp(env, undefined, { logDestination });
});
afterAll(() => app.close());

const fileOf = (key: string): string => join(app.payloadFolder, 'sha256', key.slice(7, 9), key.slice(7));
const isStored = (key: string): Promise<boolean> =>
  access(fileOf(key)).then(
    () => true,
    () => false,
  );

async function put(key: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
  const url = `${app.url}/api/v1/payloads/${encodeURIComponent(key)}`;
  const response = await fetch(url, { method: 'PUT', headers, body: body as RequestInit['body'] });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

const rowOf = async (key: string): Promise<unknown> => {
  const [row] = await app.database.dataSource.query<unknown[]>(
    'SELECT bytes::int, content_type, unnamed_since FROM lineage_payload WHERE key = $1',
    [key],
  );
  return row;
};

/** A payload that is on its way as long as its sender likes. */
function beginning(
  bytes: Uint8Array,
  url = app.url,
): { sending: ClientRequest; answer: () => Promise<object> } {
  const sending = request(`${url}/api/v1/payloads/${keyOf(bytes)}`, {
    method: 'PUT',
    headers: { 'content-length': bytes.length },
  });
  sending.on('error', () => undefined);
  const answer = once(sending, 'response') as Promise<[IncomingMessage]>;
  answer.catch(() => undefined);
  sending.write(bytes.subarray(0, 1));
  return {
    sending,
    answer: async () => {
      const [response] = await answer;
      const { statusCode: status, headers } = response;
      return { status, headers, body: JSON.parse(await text(response)) as unknown };
    },
  };
}

describe('PUT /api/v1/payloads/{key}', () => {
  it('stores bytes once, with their content type, and says so', async () => {
    const bytes = randomBytes(200_000);
    const key = keyOf(bytes);
    const stored = { key, bytes: bytes.length };
    const headers = { 'content-type': 'image/png' };
    await expect(put(key, bytes, headers)).resolves.toMatchObject({ status: 201, body: stored });
    await expect(put(key, bytes, headers)).resolves.toMatchObject({ status: 200, body: stored });
    expect((await readFile(fileOf(key))).equals(bytes)).toBe(true);
    await expect(rowOf(key)).resolves.toEqual({
      bytes: 200_000,
      content_type: 'image/png',
      unnamed_since: null,
    });
  });

  it.each(['application/json', 'application/x-ndjson', 'text/plain; charset=utf-8', 'a', 'no type; "at all'])(
    'takes the bytes of %s as they are',
    async (type) => {
      const body = `not { read ${type}`;
      const key = keyOf(Buffer.from(body));
      await expect(put(key, body, { 'content-type': type })).resolves.toMatchObject({ status: 201 });
      await expect(rowOf(key)).resolves.toMatchObject({ content_type: type });
      await expect(readFile(fileOf(key), 'utf8')).resolves.toBe(body);
    },
  );

  it('takes no bytes at all, and bytes nothing is said of', async () => {
    const nothing = keyOf(Buffer.alloc(0));
    await expect(put(nothing, '')).resolves.toMatchObject({ status: 201, body: { bytes: 0 } });
    const bytes = randomBytes(9);
    await put(keyOf(bytes), bytes);
    await expect(rowOf(keyOf(bytes))).resolves.toMatchObject({ content_type: 'application/octet-stream' });
  });

  it.each(['sha256:x', `sha256:${'A'.repeat(64)}`, '../../x', `sha256:../../../${'a'.repeat(50)}`])(
    'refuses the key %s',
    async (key) => {
      await expect(put(key, 'x')).resolves.toMatchObject({
        status: 400,
        body: { errors: [{ field: 'key', message: expect.stringContaining('64 hex digits') as string }] },
      });
    },
  );

  it('refuses what it would have to decode, or could not say of', async () => {
    const key = keyOf(Buffer.from('x'));
    await expect(put(key, 'x', { 'content-encoding': 'gzip' })).resolves.toMatchObject({
      status: 415,
      body: { errors: [{ field: 'content-encoding' }] },
    });
    for (const type of [`text/${'x'.repeat(200)}`, `text/"${'x'.repeat(195)}`, 'text/ä'])
      await expect(put(key, 'x', { 'content-type': type })).resolves.toMatchObject({
        status: 400,
        body: { errors: [{ field: 'content-type' }] },
      });
    await expect(isStored(key)).resolves.toBe(false);
  });

  it('refuses bytes of another digest, on a connection that goes on', async () => {
    const key = keyOf(randomBytes(3));
    for (const bytes of [randomBytes(3), randomBytes(250_000)])
      await expect(put(key, bytes)).resolves.toMatchObject({
        status: 422,
        body: { code: 'payload_digest_mismatch', detail: expect.stringContaining(keyOf(bytes)) as string },
      });
    await expect(isStored(key)).resolves.toBe(false);
    await expect(rowOf(key)).resolves.toBeUndefined();
  });

  it('refuses more bytes than it may take, announced or not', async () => {
    const bytes = randomBytes(MAX_BYTES + 1);
    const key = keyOf(bytes);
    const refusal = { status: 413, body: { code: 'payload_too_large' } };
    await expect(put(key, bytes)).resolves.toMatchObject(refusal);
    const stream = new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const url = `${app.url}/api/v1/payloads/${key}`;
    const response = await fetch(url, { method: 'PUT', body: stream, duplex: 'half' } as RequestInit);
    expect({ status: response.status, body: await response.json() }).toMatchObject(refusal);
    await expect(isStored(key)).resolves.toBe(false);
  });

  it('stores bytes that come many times at once as one', async () => {
    const bytes = randomBytes(100_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(keyOf(bytes), bytes)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(7).fill(200), 201]);
  });

  it('asks to come again while as many as it takes are on their way', async () => {
    const held = Array.from({ length: 8 }, () => beginning(randomBytes(1000)));
    const bytes = randomBytes(8);
    await eventually(async () => {
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      return metrics.includes('factflow_payload_uploads 8\n');
    }, 'all to be on their way');
    await expect(put(keyOf(bytes), bytes)).resolves.toMatchObject({
      status: 503,
      retryAfter: '1',
      body: { code: 'overloaded' },
    });
    for (const { sending } of held) sending.destroy();
    await eventually(async () => (await put(keyOf(bytes), bytes)).status === 201, 'room for another');
  });

  it('has nothing of an upload whose sender goes away', async () => {
    const bytes = randomBytes(1000);
    const { sending } = beginning(bytes);
    sending.write(bytes.subarray(1, 500));
    const uploads = (count: number) => async (): Promise<boolean> => {
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      return metrics.includes(`factflow_payload_uploads ${count}\n`);
    };
    await eventually(uploads(1), 'the upload to begin');
    lines.length = 0;
    sending.destroy();
    await eventually(uploads(0), 'the upload to end');
    await eventually(() => Promise.resolve(told(bytes).length > 0), 'the log');
    expect(told(bytes)).toEqual([expect.stringMatching(/"level":20,.*PUT .*went away/)]);
    expect(lines.filter((line) => line.includes('"msg":"aborted"'))).toEqual([]);
    await expect(isStored(keyOf(bytes))).resolves.toBe(false);
    await expect(rowOf(keyOf(bytes))).resolves.toBeUndefined();
  });

  it('puts right what a crash left between the bytes and their row, and what was damaged since', async () => {
    const bytes = randomBytes(1000);
    const key = keyOf(bytes);
    await put(key, bytes);
    await app.database.dataSource.query('DELETE FROM lineage_payload WHERE key = $1', [key]);
    await expect(put(key, bytes)).resolves.toMatchObject({ status: 201 });
    await writeFile(fileOf(key), 'damaged');
    await expect(put(key, bytes)).resolves.toMatchObject({ status: 200, body: { bytes: 1000 } });
    expect((await readFile(fileOf(key))).equals(bytes)).toBe(true);
  });

  it('puts right what cannot be read any more', async () => {
    const bytes = randomBytes(1000);
    const key = keyOf(bytes);
    await put(key, bytes);
    await rm(fileOf(key));
    await mkdir(fileOf(key));
    await expect(put(key, bytes)).resolves.toMatchObject({ status: 200, body: { bytes: 1000 } });
    expect((await readFile(fileOf(key))).equals(bytes)).toBe(true);
  });

  it('never says of bytes that are being removed that they are stored', async () => {
    const bytes = randomBytes(1000);
    const key = keyOf(bytes);
    const runner = app.database.dataSource.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock(4017205)');
    const answer = put(key, bytes);
    await eventually(() => isStored(key), 'the bytes');
    await rm(fileOf(key));
    await runner.query('SELECT pg_advisory_unlock(4017205)');
    await runner.release();
    await expect(answer).resolves.toMatchObject({ status: 503, retryAfter: '1' });
    await expect(rowOf(key)).resolves.toBeUndefined();
    await expect(put(key, bytes)).resolves.toMatchObject({ status: 201 });
  });

  it('gives a payload its grace again', async () => {
    const bytes = randomBytes(10);
    const key = keyOf(bytes);
    await put(key, bytes);
    await app.database.dataSource.query('UPDATE lineage_payload SET unnamed_since = now() WHERE key = $1', [
      key,
    ]);
    await expect(put(key, bytes)).resolves.toMatchObject({ status: 200 });
    await expect(rowOf(key)).resolves.toMatchObject({ unnamed_since: null });
  });
});

describe('uploads that do not end', () => {
  let hasty: CommandApp;
  beforeAll(async () => {
    const overrides = { logDestination, uploadLimits: { idleMs: 50 } };
    hasty = await startCommandApp({ FACTFLOW_LOG_LEVEL: 'debug' }, undefined, overrides);
  });
  afterAll(() => hasty.close());

  const leftovers = () => readdir(join(hasty.payloadFolder, 'incoming'));

  it('give their places up when no byte comes, and leave nothing', async () => {
    const held = Array.from({ length: 8 }, () => randomBytes(1000));
    const answers = await Promise.all(held.map((bytes) => beginning(bytes, hasty.url).answer()));
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 408,
        headers: {
          connection: 'close',
          'content-type': expect.stringContaining('application/problem+json') as string,
        },
        body: { code: 'upload_stalled' },
      });
    await expect(leftovers()).resolves.toEqual([]);
    for (const bytes of held)
      expect(told(bytes)).toEqual([expect.stringMatching(/"level":20,.*PUT .*No byte came/)]);
    const bytes = randomBytes(8);
    const path = `/api/v1/payloads/${keyOf(bytes)}`;
    await eventually(async () => {
      const { status } = await fetch(hasty.url + path, { method: 'PUT', body: bytes });
      return status === 201;
    }, 'a place');
  });
});

describe('uploads that come too slowly', () => {
  it('give their places up though bytes come all the time', async () => {
    const uploadLimits = { graceMs: 200, bytesPerSecond: 10_000 };
    const strict = await startCommandApp({}, undefined, { uploadLimits });
    try {
      const held = Array.from({ length: 8 }, () => beginning(randomBytes(100_000), strict.url));
      const dripping = setInterval(() => {
        for (const { sending } of held) sending.write('x');
      }, 20);
      try {
        for (const { answer } of held)
          await expect(answer()).resolves.toMatchObject({
            status: 408,
            headers: { connection: 'close' },
            body: {
              code: 'upload_too_slow',
              detail: expect.stringMatching(/^\d+ bytes came so far: fewer than 10000 a second/) as string,
            },
          });
        const bytes = randomBytes(8);
        await eventually(async () => {
          const url = `${strict.url}/api/v1/payloads/${keyOf(bytes)}`;
          return (await fetch(url, { method: 'PUT', body: bytes })).status === 201;
        }, 'a place');
        await expect(readdir(join(strict.payloadFolder, 'incoming'))).resolves.toEqual([]);
      } finally {
        clearInterval(dripping);
        for (const { sending } of held) sending.destroy();
      }
    } finally {
      await strict.close();
    }
  });
});

describe('a command app whose payload store cannot be used', () => {
  it('says what to do, and takes events all the same', async () => {
    const broken = await startCommandApp({ FACTFLOW_PAYLOAD_STORE: 'file:/dev/null/payloads' });
    try {
      const response = await fetch(`${broken.url}/api/v1/payloads/${keyOf(Buffer.from('x'))}`, {
        method: 'PUT',
        body: 'x',
      });
      expect(response.headers.get('retry-after')).toBe('5');
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        status: 503,
        body: {
          code: 'payload_store_unavailable',
          detail: expect.stringContaining('FACTFLOW_PAYLOAD_STORE') as string,
        },
      });
      const { body } = await broken.postEvents([executionStarted({ executionId: anId() })]);
      expect(body).toMatchObject({ accepted: 1 });
    } finally {
      await broken.close();
    }
  });
});
