import { LIMITS, newId, toWire } from '@factflow/domain';
import { anId, registered } from '@factflow/domain/testing';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { get, postBody } from './testing/posting';
import { startSystem, type System } from './testing/system';

let system: System;
beforeAll(async () => {
  system = await startSystem();
}, 60_000);
afterAll(() => system?.stop(), 60_000);

type Wire = Record<string, unknown>;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };
const error = { class: 'Error', message: 'broken' };

const executionId = anId();
const event = (type: string, data: unknown, over: Wire = {}): Wire => ({
  event_id: anId(),
  type,
  execution_id: executionId,
  ...(type.startsWith('record.') ? { record_id: anId() } : {}),
  occurred_at: '2026-01-31T12:00:00.000Z',
  data,
  ...over,
});
const registration = (data: Wire = {}, over: Wire = {}): Wire =>
  event('record.registered', { route_id: 'documents', adapter_name: 'chunker', ...data }, over);
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** An event as JSON text with a piece that no value of JavaScript gives. */
const withText = (wire: Wire, piece: string): string => JSON.stringify(wire).replace('"PIECE"', () => piece);

/** Posts a line between two good events: those are stored, whatever becomes of it. */
async function postAmongGood(line: string): Promise<{ code: string; message: string } | undefined> {
  const good = [registered(anId(), { executionId }), registered(anId(), { executionId })];
  const [first, last] = good.map((one) => JSON.stringify(toWire(one)));
  const { status, body } = await postBody(system.command.url, [first, line, last].join('\n'));
  expect(status).toBe(200);
  expect(body.rejected.every(({ index }) => index === 1)).toBe(true);
  expect(body.accepted).toBe(3 - body.rejected.length);
  for (const { recordId } of good) {
    const stored = await get(system.query.url, `/lineage/${recordId}?execution_id=${executionId}`);
    expect(stored.status).toBe(200);
  }
  return body.rejected[0];
}

describe('an event', () => {
  const id = 'not an id';
  const long = 'x'.repeat(300_000);
  const own = anId();
  it.each<[string, string, Wire]>([
    ['event_id', 'invalid_event', registration({}, { event_id: id })],
    ['event_id', 'invalid_event', registration({}, { event_id: undefined })],
    ['event_id', 'invalid_event', registration({}, { event_id: long })],
    ['type', 'unknown_type', registration({}, { type: '__proto__' })],
    ['type', 'unknown_type', registration({}, { type: long })],
    ['type', 'invalid_event', registration({}, { type: ['record.registered'] })],
    ['execution_id', 'invalid_event', registration({}, { execution_id: `${anId()}\n` })],
    ['record_id', 'invalid_event', registration({}, { record_id: null })],
    ['record_id', 'invalid_event', event('execution.completed', {}, { record_id: anId() })],
    ['occurred_at', 'invalid_event', registration({}, { occurred_at: '2026-02-30T12:00:00Z' })],
    ['occurred_at', 'invalid_event', registration({}, { occurred_at: '2026-01-31T12:00:60Z' })],
    ['occurred_at', 'invalid_event', registration({}, { occurred_at: 1_767_225_600_000 })],
    ['occurred_at', 'invalid_event', registration({}, { occurred_at: long })],
    ['occurred_at', 'invalid_event', registration({}, { execution_id: newId() })],
    ['source.recorder_id', 'invalid_event', registration({}, { source: { recorder_id: id, sequence: 1 } })],
    ['source.sequence', 'invalid_event', registration({}, { source: { recorder_id: own, sequence: 0.5 } })],
    ['source.sequence', 'invalid_event', registration({}, { source: { recorder_id: own } })],
    ['more', 'invalid_event', registration({}, { more: 1 })],
    ['data', 'invalid_event', registration({}, { data: [] })],
    ['data', 'invalid_event', registration({}, { data: undefined })],
    ['data.constructor', 'invalid_event', registration({ constructor: 1 })],
    ['data.route_id', 'invalid_event', registration({ route_id: '' })],
    ['data.route_id', 'too_large', registration({ route_id: long })],
    ['data.adapter_name', 'invalid_event', registration({ adapter_name: null })],
    ['data.adapter_name', 'too_large', registration({ adapter_name: 'x'.repeat(201) })],
    ['data.parent_id', 'invalid_event', registration({ parent_id: id })],
    ['data.parent_id', 'invalid_event', registration({ parent_id: own }, { record_id: own.toUpperCase() })],
    ['data.joined_parent_ids[1]', 'invalid_event', registration({ joined_parent_ids: [anId(), 7] })],
    [
      'data.joined_parent_ids',
      'invalid_event',
      registration({ joined_parent_ids: [own] }, { record_id: own }),
    ],
    ['data.joined_parent_ids', 'too_large', registration({ joined_parent_ids: Array(10_001).fill(own) })],
    ['data.batch_id', 'invalid_event', registration({ batch_id: {} })],
    ['data.input_hash', 'too_large', registration({ input_hash: 'x'.repeat(201) })],
    ['data.started', 'invalid_event', registration({ started: 'true' })],
    ['data.retry_of', 'invalid_event', registration({ retry_of: id })],
    ['data.replay_of_record', 'invalid_event', registration({ replay_of_record: id })],
    ['data.metadata', 'invalid_event', registration({ metadata: ['list'] })],
    ['data.metadata', 'too_large', registration({ metadata: { text: 'x'.repeat(LIMITS.metadataBytes) } })],
    ['data.metadata', 'invalid_event', registration({ metadata: { deep: JSON.parse(nested(65)) } })],
    ['data.input_hash', 'invalid_event', event('record.started', { input_hash: '' })],
    ['data.output_hash', 'too_large', event('record.completed', { output_hash: long })],
    ['data.reason', 'too_large', event('record.cancelled', { reason: 'ü'.repeat(5_000) })],
    ['data.error', 'invalid_event', event('record.failed', {})],
    ['data.error.class', 'too_large', event('record.failed', { error: { ...error, class: long } })],
    ['data.error.message', 'invalid_event', event('record.failed', { error: { class: 'Error' } })],
    ['data.error.message', 'too_large', event('record.failed', { error: { ...error, message: long } })],
    ['data.error.traceback', 'too_large', event('record.failed', { error: { ...error, traceback: long } })],
    ['data.name', 'too_large', event('execution.started', { name: long })],
    ['data.replay_of', 'invalid_event', event('execution.started', { replay_of: id })],
    ['data.from_stage', 'invalid_event', event('execution.started', { from_stage: 1 })],
    ['data.error', 'invalid_event', event('execution.failed', { error: null })],
  ])('with a wrong %s is rejected as %s, naming it', async (field, code, wire) => {
    const rejected = await postAmongGood(JSON.stringify(wire));
    expect(rejected).toMatchObject({ code });
    expect(rejected?.message.slice(0, field.length)).toBe(field);
    expect(rejected?.message.length).toBeLessThan(400);
  });

  it.each<[string, string, string]>([
    ['that is broken', 'malformed_json', '{"event_id": "'],
    ['that is no object', 'invalid_event', '[1]'],
    [
      'nested 16,000 deep',
      'invalid_event',
      withText(registration({ metadata: { deep: 'PIECE' } }), nested(16_000)),
    ],
    ['that is nothing but 16,000 levels', 'invalid_event', nested(16_000)],
    [
      'with a number no double holds',
      'invalid_event',
      withText(registration({ metadata: { n: 'PIECE' } }), '1e200000'),
    ],
    ['with __proto__ as a field', 'invalid_event', withText(registration({ PIECE: 1 }), '"__proto__"')],
  ])('%s is rejected as %s', async (_, code, line) => {
    expect(await postAmongGood(line)).toMatchObject({ code });
  });

  it('with text PostgreSQL cannot hold is stored with U+FFFD in its place, and __proto__ in metadata stays a key', async () => {
    const record_id = anId();
    const metadata = { text: 'a\0b\ud800c', '\udc00key\0': [1], PIECE: { x: 1 } };
    const wire = registration({ route_id: 'r\0\udfff', metadata }, { record_id });
    expect(await postAmongGood(withText(wire, '"__proto__"'))).toBeUndefined();
    const { body } = await get<Wire>(system.query.url, `/lineage/${record_id}`);
    expect(body['route_id']).toBe('r\ufffd\ufffd');
    expect(JSON.stringify(body['metadata'])).toContain('"__proto__":{"x":1}');
    expect(body['metadata']).toMatchObject({ text: 'a\ufffdb\ufffdc', '\ufffdkey\ufffd': [1] });
  });
});

describe('a request', () => {
  const line = JSON.stringify(registration());
  const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
  const gzip = { ...NDJSON, 'content-encoding': 'gzip' };
  const many = Array.from({ length: LIMITS.batchEvents + 1 }, () => line).join('\n');
  it.each<[string, number, string | undefined, string | Uint8Array<ArrayBuffer>, Record<string, string>]>([
    ['whose array is broken', 400, 'body', `[${line}, {]`, JSON_TYPE],
    ['that is no array', 400, 'body', line, JSON_TYPE],
    ['without a body', 400, 'body', '', JSON_TYPE],
    ['with truncated gzip', 400, 'body', bytes(gzipSync(line).subarray(0, 40)), gzip],
    ['with something else for gzip', 400, 'body', line, gzip],
    ['in another encoding', 415, 'content-encoding', line, { ...NDJSON, 'content-encoding': 'br' }],
    ['of another type', 415, 'content-type', line, { 'content-type': 'text/plain' }],
    ['of a type that is none', 415, 'content-type', line, { 'content-type': '__proto__' }],
    ['that is a form', 415, 'content-type', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['with 10,001 events', 413, undefined, many, NDJSON],
    ['with 10,001 events in an array', 413, undefined, `[${many.replaceAll('\n', ',')}]`, JSON_TYPE],
    ['that inflates without end', 413, undefined, bytes(gzipSync(Buffer.alloc(200_000_000))), gzip],
    ['over the size', 413, undefined, ' '.repeat(LIMITS.batchBytes + 1), NDJSON],
  ])('%s is answered with %i and a problem document', async (_, status, field, body, headers) => {
    const answer = await postBody(system.command.url, body, headers);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
    expect(answer.status).toBe(status);
    if (field !== undefined) expect(answer.body.errors?.map((one) => one.field)).toEqual([field]);
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.m?js|node_modules/);
  });

  it('nested 16,000 deep as an array costs only that element', async () => {
    const { status, body } = await postBody(system.command.url, `[${line}, ${nested(16_000)}]`, JSON_TYPE);
    expect(status).toBe(200);
    expect(body.rejected).toMatchObject([{ index: 1, code: 'invalid_event' }]);
  });

  it('for another host is refused on loopback, by both apps', async () => {
    for (const { url } of [system.command, system.query]) {
      for (const host of ['evil.example', 'localhost.evil.example:80']) {
        expect(await statusFor(url, host)).toBe(421);
      }
      for (const host of ['localhost:1', '127.0.0.1', '[::1]:4000'])
        expect(await statusFor(url, host)).toBe(200);
    }
  });

  it('after all of these is answered as ever', async () => {
    const { status, body } = await postBody(system.command.url, JSON.stringify(registration()));
    expect({ status, body }).toEqual({ status: 200, body: { accepted: 1, duplicates: 0, rejected: [] } });
  });
});

/** The status for a request that names this host. */
const statusFor = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asking = request(`${url}/health/live`, { headers: { host } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asking.on('error', reject).end();
  });
