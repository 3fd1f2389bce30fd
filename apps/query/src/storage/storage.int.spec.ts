import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId } from '@factflow/domain';
import { aPayload, anId, completed, registered, started } from '@factflow/domain/testing';
import { ExplainingDatabase, rowsRead } from '../testing/explaining-database';
import { createReadOnlySource } from '../database/database.module';
import { allPages, startQueryApp, type QueryApp } from '../testing/query-app';
import type { LineageRecord } from '../lineage/lineage-record';
import { ListPayloads, ListPayloadsHandler, type NamedPayload, type NamedPayloadPage } from './list-payloads';

const keyOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const pathOf = (key: string): string => `/api/v1/storage/${key}`;

let app: QueryApp;
beforeAll(async () => {
  app = await startQueryApp();
});
afterAll(() => app.close());

const fileOf = (key: string): string => join(app.payloadFolder, 'sha256', key.slice(7, 9), key.slice(7));

/** Stores bytes as the command app does, or others in their place. */
async function stored(bytes: Buffer, contentType = 'text/plain', onDisk: Buffer = bytes): Promise<string> {
  const key = keyOf(bytes);
  await mkdir(dirname(fileOf(key)), { recursive: true });
  await writeFile(fileOf(key), onDisk);
  await app.sql('INSERT INTO lineage_payload VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING', [
    key,
    bytes.length,
    contentType,
  ]);
  return key;
}

async function bytesAt(key: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(`${app.url}${pathOf(key)}`, { method, headers });
  return { response, status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('GET /api/v1/storage/{key}', () => {
  it('answers bytes to be saved, never to be shown', async () => {
    const page = Buffer.from('<script>alert(1)</script>');
    const key = await stored(page, 'text/html; charset=utf-8');
    const { status, bytes, response } = await bytesAt(key);
    expect({ status, bytes }).toEqual({ status: 200, bytes: page });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(page.length),
      'content-disposition': `attachment; filename="${key.slice(7)}.bin"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: `"sha256-${key.slice(7)}"`,
    });
  });

  it.each([0, 1, 1024 ** 2, 1024 ** 2 + 1, 5_000_000])(
    'answers %i bytes, and any part of them',
    async (size) => {
      const all = randomBytes(size);
      const key = await stored(all);
      const whole = await bytesAt(key);
      expect(whole.status).toBe(200);
      expect(whole.bytes.equals(all)).toBe(true);
      for (const [range, start, end] of [
        ['bytes=0-0', 0, 1],
        ['bytes=-5', Math.max(0, size - 5), size],
        [`bytes=${size >> 1}-`, size >> 1, size],
      ] as const) {
        const part = await bytesAt(key, { range });
        if (size === 0) {
          expect(part.status).toBe(416);
          expect(part.response.headers.get('content-range')).toBe('bytes */0');
          continue;
        }
        expect(part.status).toBe(206);
        expect(part.response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`);
        expect(part.bytes.equals(all.subarray(start, end))).toBe(true);
      }
    },
  );

  it('refuses a range that begins behind the end', async () => {
    const key = await stored(Buffer.from('short'));
    for (const range of ['bytes=5-', `bytes=${'9'.repeat(20)}-`]) {
      const { status, response } = await bytesAt(key, { range });
      expect(status).toBe(416);
      expect(response.headers.get('content-range')).toBe('bytes */5');
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await bytesAt(key, { range: 'bytes=5-' }, 'HEAD')).status).toBe(200);
  });

  it('sends nothing to whoever has it, and a range of what has not changed', async () => {
    const key = await stored(Buffer.from('seen before'));
    const etag = `"sha256-${key.slice(7)}"`;
    for (const tag of [etag, `"x", W/${etag}`, '*']) {
      const { status, bytes } = await bytesAt(key, { 'if-none-match': tag });
      expect({ status, size: bytes.length }).toEqual({ status: 304, size: 0 });
      expect((await bytesAt(key, { 'if-none-match': tag }, 'HEAD')).status).toBe(304);
    }
    expect((await bytesAt(key, { 'if-none-match': '"x"' }, 'HEAD')).status).toBe(200);
    expect((await bytesAt(key, { 'if-none-match': '"x"' })).status).toBe(200);
    expect((await bytesAt(key, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await bytesAt(key, { range: 'bytes=0-1', 'if-range': '"x"' })).status).toBe(200);
  });

  it('tells with HEAD what there is, without reading it', async () => {
    const damaged = await stored(Buffer.from('right'), 'image/png', Buffer.from('wrong'));
    const { status, response } = await bytesAt(damaged, {}, 'HEAD');
    expect(status).toBe(200);
    expect(response.headers.get('content-length')).toBe('5');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect((await bytesAt(keyOf(randomBytes(4)), {}, 'HEAD')).status).toBe(404);
    expect((await bytesAt(`${damaged}?inline=1`, {}, 'HEAD')).status).toBe(400);
  });

  it('says that small bytes are damaged, and breaks off large ones', async () => {
    const small = await stored(Buffer.from('right'), 'text/plain', Buffer.from('wrong'));
    for (const headers of [{}, { range: 'bytes=0-1' }])
      expect(await app.get(pathOf(small), headers as Record<string, string>)).toMatchObject({
        status: 500,
        body: { code: 'payload_corrupt', detail: expect.stringContaining(small) as string },
      });
    const large = randomBytes(3_000_000);
    for (const [damage, headers] of [
      [Buffer.concat([large, Buffer.alloc(5)]), {}],
      [large.subarray(0, -1), {}],
      [Buffer.concat([large.subarray(0, -1), Buffer.alloc(1, (large.at(-1) as number) ^ 1)]), {}],
    ] as const) {
      const key = await stored(large, 'text/plain', damage);
      await expect(bytesAt(key, headers)).rejects.toThrow();
    }
    const { status } = await bytesAt(keyOf(large), { range: 'bytes=0-9' });
    expect(status).toBe(500);
  });

  it('says whether it had what is missing', async () => {
    const key = await stored(Buffer.from('removed by hand'));
    await rm(fileOf(key));
    expect(await app.get(pathOf(key))).toMatchObject({
      status: 404,
      body: { code: 'payload_not_found', detail: expect.stringContaining('were stored, but') as string },
    });
    expect(await app.get(pathOf(keyOf(randomBytes(9))))).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('have not arrived') as string },
    });
  });

  it('answers bytes that nothing is known of', async () => {
    const bytes = Buffer.from('an upload that was cut off at its end');
    const key = await stored(bytes);
    await app.sql('DELETE FROM lineage_payload WHERE key = $1', [key]);
    const { status, response } = await bytesAt(key);
    expect([status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  });

  it.each(['x', `sha256:${'A'.repeat(64)}`, '..%2F..%2Fetc%2Fpasswd', `sha256:${'a'.repeat(64)}%00`])(
    'refuses the key %s',
    async (key) => {
      expect(await app.get(pathOf(key))).toMatchObject({ status: 400, body: { errors: [{ field: 'key' }] } });
    },
  );

  it('says what to do where the store cannot be used, and answers everything else', async () => {
    const broken = await startQueryApp({ config: { payloadStore: 'file:/dev/null/payloads' } });
    try {
      const answer = await broken.get(pathOf(keyOf(randomBytes(1))));
      expect(answer).toMatchObject({
        status: 503,
        body: {
          code: 'payload_store_unavailable',
          detail: expect.stringContaining('FACTFLOW_PAYLOAD_STORE') as string,
        },
      });
      expect(answer.headers.get('retry-after')).toBe('5');
      expect((await broken.get('/api/v1/lineage')).status).toBe(200);
      expect((await fetch(`${broken.url}/health/ready`)).status).toBe(200);
    } finally {
      await broken.close();
    }
  });
});

describe('payloads of records', () => {
  const executionId = anId();
  const [first, second, third, bare] = [anId(), anId(), anId(), anId()];
  const at = { executionId };
  const bytes = Buffer.from('what went in');
  const input = { key: keyOf(bytes), redacted: false, contentType: 'text/plain' };
  const redacted = aPayload('d', { redacted: true, contentType: 'application/json' });
  beforeAll(async () => {
    await stored(bytes);
    await app.store([
      registered(first, at, { inputPayload: input, started: true }),
      completed(first, at, { outputPayload: aPayload('c') }),
      registered(second, at, { parentId: first }),
      started(second, at, { inputPayload: redacted }),
      registered(bare, at, { parentId: first }),
      registered(third, at, { parentId: first, inputPayload: input }),
    ]);
  });
  const shownInput = { key: input.key, redacted: false, content_type: 'text/plain' };
  const shownOutput = { key: aPayload('c').key, redacted: false, content_type: 'application/octet-stream' };
  const shownRedacted = { key: redacted.key, redacted: true, content_type: 'application/json' };

  it('are shown by every answer, with whether they are stored', async () => {
    const expected = {
      [first]: [
        { ...shownInput, stored: true },
        { ...shownOutput, stored: false },
      ],
      [second]: [{ ...shownRedacted, stored: false }, null],
      [third]: [{ ...shownInput, stored: true }, null],
      [bare]: [null, null],
    };
    const shown = (records: readonly LineageRecord[]) =>
      Object.fromEntries(records.map((record) => [record.id, [record.input_payload, record.output_payload]]));
    const { body: page } = await app.get<{ items: LineageRecord[] }>(
      `/api/v1/lineage?execution_id=${executionId}`,
    );
    expect(shown(page.items)).toEqual(expected);
    const { body: chain } = await app.get<{ record: LineageRecord; descendants: LineageRecord[] }>(
      `/api/v1/lineage/${first}/chain`,
    );
    expect(shown([chain.record, ...chain.descendants])).toEqual(expected);
    const lines = await app.get<LineageRecord[]>(`/api/v1/lineage/${first}/chain`, {
      accept: 'application/x-ndjson',
    });
    expect(shown(lines.body)).toEqual(expected);
    const { body: record } = await app.get<LineageRecord>(`/api/v1/lineage/${first}`);
    expect(shown([record])).toEqual({ [first]: expected[first] });
  });

  it('are listed by execution, page by page', async () => {
    const item = (record_id: string, side: string, payload: object, size: number | null) => ({
      record_id,
      execution_id: executionId,
      route_id: 'documents',
      adapter_name: 'chunker',
      side,
      ...payload,
      bytes: size,
      stored: size !== null,
    });
    const expected = [
      item(first, 'input', shownInput, bytes.length),
      item(first, 'output', shownOutput, null),
      item(second, 'input', shownRedacted, null),
      item(third, 'input', shownInput, bytes.length),
    ];
    for (const limit of [1, 2, 3, 50])
      expect(
        await allPages<NamedPayload>(app, `/api/v1/storage?execution_id=${executionId}&limit=${limit}`),
      ).toEqual(expected);
  });

  it('refuse what is no question', async () => {
    expect(await app.get('/api/v1/storage')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'execution_id' }] },
    });
    const unknown = newId();
    expect(await app.get(`/api/v1/storage?execution_id=${unknown}`)).toMatchObject({ status: 404 });
    const { body } = await app.get<NamedPayloadPage>(`/api/v1/storage?execution_id=${executionId}&limit=1`);
    expect(await app.get(`/api/v1/storage?execution_id=${unknown}&cursor=${body.next_cursor}`)).toMatchObject(
      { status: 400, body: { errors: [{ field: 'cursor' }] } },
    );
  });

  it('are read a page at a time, however many records have none', async () => {
    const crowd = anId();
    await app.sql(
      `INSERT INTO lineage_record (execution_id, id, status, route_id, adapter_name, started, started_at, registered_at,
         conflicts, children, pending_children, input_payload)
       SELECT $1, gen_random_uuid(), 'pending', 'r', 'a', true, now(), now(), 0, 0, 0,
         CASE WHEN n % 100 = 0 THEN jsonb_build_object('key', $2::text, 'redacted', false, 'content_type', 'x') END
       FROM generate_series(1, 10000) n`,
      [crowd, input.key],
    );
    await app.sql(
      `INSERT INTO lineage_execution (execution_id, status, started_at, first_event_at, last_event_at, pending, completed,
         failed, cancelled, unsettled, placeholders) VALUES ($1, 'running', now(), now(), now(), 0, 0, 0, 0, 0, 0)`,
      [crowd],
    );
    const database = new ExplainingDatabase(
      createReadOnlySource({ databaseUrl: app.databaseUrl, poolSize: 1, statementTimeoutMs: 60_000 }),
    );
    try {
      const { items } = await new ListPayloadsHandler(database).execute(
        new ListPayloads({ execution_id: crowd, limit: 20 }),
      );
      expect(items).toHaveLength(20);
      const read = database.taken().map(({ nodes }) => rowsRead(nodes));
      // Records, and the row of a payload for each.
      expect(Math.max(...read)).toBeLessThanOrEqual(50);
    } finally {
      await database.onApplicationShutdown();
    }
  });
});
