import { anId } from '@factflow/domain/testing';
import { STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startCommandApp, type CommandApp } from '../testing/command-app';

interface Refusal {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}
interface OpenApi {
  readonly paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  readonly components: { schemas: Record<string, { required?: string[] }> };
}
interface Case {
  readonly path: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly template: string;
}

const id = anId();
const EVENTS: Case = { path: '/api/v1/events', method: 'POST', template: '/api/v1/events' };
const PIN: Case = {
  path: `/api/v1/executions/${id}/pin`,
  method: 'PUT',
  template: '/api/v1/executions/{id}/pin',
};
const PRUNE: Case = { path: '/api/v1/prune', method: 'POST', template: '/api/v1/prune' };
const RECORDER: Case = {
  path: `/api/v1/recorders/${id}`,
  method: 'PUT',
  template: '/api/v1/recorders/{id}',
};
const REPLAY: Case = {
  path: `/api/v1/executions/${id}/replay`,
  method: 'POST',
  template: '/api/v1/executions/{id}/replay',
};
const LEASE: Case = {
  path: '/api/v1/replay-work/lease',
  method: 'POST',
  template: '/api/v1/replay-work/lease',
};
const PAYLOAD: Case = {
  path: `/api/v1/payloads/sha256:${'0'.repeat(64)}`,
  method: 'PUT',
  template: '/api/v1/payloads/{key}',
};
const JSON_ROUTES = [PIN, PRUNE, RECORDER, REPLAY, LEASE];

const json = { 'content-type': 'application/json' };
const lines = { 'content-type': 'application/x-ndjson' };
const encoded = (encoding: string) => ({ ...json, 'content-encoding': encoding });
const large = Buffer.alloc(16 * 1024 * 1024 + 1, ' ');
const events = (count: number): string => `[${'1,'.repeat(count - 1)}1]`;

type Sent = readonly [
  what: string,
  headers: Record<string, string>,
  body: string | Buffer,
  status: number,
  code: string,
  /** named in `errors`; '' where it is no field */
  field: string,
];
const REFUSED_EVENTS: readonly Sent[] = [
  [
    'of another media type',
    { 'content-type': 'text/csv' },
    'a',
    415,
    'unsupported_media_type',
    'content-type',
  ],
  ['of no media type', { 'content-type': 'garbage' }, 'a', 415, 'unsupported_media_type', 'content-type'],
  [
    'of two media types',
    { 'content-type': 'application/json,application/x-ndjson' },
    '[]',
    415,
    'unsupported_media_type',
    'content-type',
  ],
  ['encoded otherwise', encoded('br'), '[]', 415, 'unsupported_encoding', 'content-encoding'],
  ['that are no gzip', encoded('gzip'), '[]', 400, 'malformed_gzip', 'body'],
  ['whose gzip ends early', encoded('gzip'), gzipSync('[]').subarray(0, 12), 400, 'malformed_gzip', 'body'],
  ['that are no JSON', json, '[{]', 400, 'malformed_json', 'body'],
  ['that are no array', json, '{}', 400, 'malformed_json', 'body'],
  ['that are too many', json, events(10_001), 413, 'too_many_events', ''],
  ['that are too large', lines, large, 413, 'batch_too_large', ''],
  ['that inflate without end', encoded('gzip'), gzipSync(large), 413, 'batch_too_large', ''],
];
const REFUSED_BODIES: readonly Sent[] = [
  [
    'of another media type',
    { 'content-type': 'text/csv' },
    'a',
    415,
    'unsupported_media_type',
    'content-type',
  ],
  ['of no media type', { 'content-type': 'garbage' }, '{}', 415, 'unsupported_media_type', 'content-type'],
  ['that is encoded', encoded('gzip'), '{}', 415, 'unsupported_encoding', 'content-encoding'],
  ['that is no JSON', json, '{', 400, 'malformed_json', 'body'],
  ['that is no object', json, '[]', 400, 'malformed_json', 'body'],
  ['that is too large', json, Buffer.alloc(64 * 1024 + 1, ' '), 413, 'body_too_large', 'body'],
  ['with an unknown field', json, '{"mood": "good"}', 400, 'invalid_request', 'mood'],
];

let app: CommandApp;
let document: OpenApi;
beforeAll(async () => {
  app = await startCommandApp();
  document = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as OpenApi;
});
afterAll(() => app.close());

async function send(
  { path, method }: Pick<Case, 'path' | 'method'>,
  headers: Record<string, string>,
  body?: string | Buffer,
) {
  const response = await fetch(`${app.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  return { status: response.status, problem: (await response.json()) as Refusal };
}

/** A refusal is whole, and documented. */
function expectWhole({ status, problem }: Awaited<ReturnType<typeof send>>, at?: Case): void {
  const { type, title, detail, code } = problem;
  expect({ type, title, status: problem.status }).toEqual({
    type: code === undefined ? 'about:blank' : `urn:factflow:problem:${code}`,
    title: STATUS_CODES[status],
    status,
  });
  // A sentence, and not only the name of the status.
  expect(detail).toMatch(/^\S+( \S+)+$/);
  expect(detail).not.toBe(title);
  if (!at) return;
  const { responses } = document.paths[at.template]?.[at.method.toLowerCase()] ?? { responses: {} };
  expect(Object.keys(responses)).toEqual(expect.arrayContaining([String(status), '421']));
}

describe('what the command app refuses', () => {
  it.each(REFUSED_EVENTS)('are events %s', async (_, headers, body, status, code, field) => {
    const refusal = await send(EVENTS, headers, body);
    expect(refusal).toMatchObject({ status, problem: { code } });
    expect(refusal.problem.errors?.map((error) => error.field) ?? ['']).toEqual([field]);
    expectWhole(refusal, EVENTS);
  });

  it.each(REFUSED_BODIES)(
    'is a body %s, on every route that takes one',
    async (_, headers, body, status, code, field) => {
      for (const route of JSON_ROUTES) {
        const refusal = await send(route, headers, body);
        expect(refusal).toMatchObject({ status, problem: { code } });
        expect(refusal.problem.errors?.map((error) => error.field)).toContain(field);
        expectWhole(refusal, route);
      }
    },
  );

  it('is a payload that is encoded, is called nothing that can be said, or is another one', async () => {
    for (const [headers, status] of [
      [{ 'content-encoding': 'gzip' }, 415],
      [{ 'content-type': 'a'.repeat(201) }, 400],
      [{}, 422],
    ] as const) {
      const refusal = await send(PAYLOAD, headers, 'a');
      expect(refusal.status).toBe(status);
      expectWhole(refusal, PAYLOAD);
    }
  });

  it('is an id that is none, a route that is none, and a method that is none', async () => {
    for (const { path, method } of [PIN, RECORDER, REPLAY]) {
      const refusal = await send({ path: path.replace(id, 'x'), method }, json, '{}');
      expect(refusal.status).toBe(400);
      expectWhole(refusal);
    }
    for (const path of ['/api/v1/nothing', '/nothing', '/api/v1/events', '/%']) {
      const refusal = await send({ path, method: 'DELETE' }, {});
      expectWhole(refusal);
    }
  });
});

describe('the OpenAPI document of the command app', () => {
  it('requires of an event what every event needs, and no more', () => {
    expect([...(document.components.schemas['EventDto']?.required ?? [])].sort()).toEqual([
      'event_id',
      'execution_id',
      'occurred_at',
      'type',
    ]);
  });

  it('foresees that the database is away', () => {
    for (const at of [EVENTS, PAYLOAD, ...JSON_ROUTES])
      expect(document.paths[at.template]?.[at.method.toLowerCase()]?.responses).toHaveProperty('503');
  });
});
