import { STATUS_CODES } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anId, registered } from '@factflow/domain/testing';
import { readDocument } from '../testing/documented-answers';
import { startQueryApp, type QueryApp } from '../testing/query-app';

interface Problem {
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

const document = readDocument();
const [executionId, recordId] = [anId(), anId()];
/** The digest of no bytes. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Every route with what it needs to be answered with 200. */
const ROUTES = Object.entries(document.paths).map(([template, { get }]) => ({
  template,
  path: template
    .replace('{id}', template.includes('executions') ? executionId : recordId)
    .replace('{key}', `sha256:${EMPTY}`)
    .replace(/\{[ab]\}/g, executionId),
  needed: /\/(stats|storage)$/.test(template) ? `execution_id=${executionId}&` : '',
  parameters: (get.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name),
}));

const ANYTHING_WRONG: readonly (readonly [what: string, value: string])[] = [
  ['empty', ''],
  ['NUL', '%00'],
  ['text with NUL', 'a%00b'],
  ['a lone surrogate', '%ED%A0%80'],
  ['broken percent-encoding', '%'],
  ['bytes that are no UTF-8', '%FF'],
  ['over-long text', 'a'.repeat(10_000)],
];
const WRONG: Readonly<Record<string, readonly string[]>> = {
  limit: ['0', '-1', '1001', '1.5', '1e2', '0x10', 'ten', ' 5', '99999999999999999999', 'NaN', 'true', '٣'],
  depth: ['0', '-1', '2147483648', '1.0', 'all'],
  sort: ['id', 'STARTED_AT', '+started_at', 'started_at,id', "started_at';--"],
  direction: ['up', 'both,ancestors', 'Both'],
  status: ['done', 'failed,', ',', 'failed,unknown', 'FAILED', 'failed;pending', "failed' OR true --"],
  completion: ['completed', 'unknown', 'done,,failed'],
  started_after: [
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:60Z',
    '1',
    '-infinity',
    '12026-01-01T00:00:00Z',
  ],
  started_before: ['2026-01-01T00:00:00', '2026-01-01T00:00:00+01:00', '1969-12-31T23:59:59Z'],
  execution_id: [
    '1',
    'x'.repeat(36),
    `${executionId}0`,
    `{${executionId}}`,
    executionId.replaceAll('-', ''),
    `${executionId}%20`,
  ],
  parent_id: ['null', '00000000-0000-0000-0000-00000000000g'],
  batch_id: ['00000000'],
  replay_of: ['0'],
  route_id: ['a'.repeat(201)],
  adapter_name: ['%F0%9F%98%80'.repeat(201)],
  name: ['a'.repeat(201)],
  service: ['a'.repeat(201)],
  state: ['asleep', 'ALIVE', 'gone,'],
  class: ['better', 'FIXED', 'fixed,', ',', 'fixed;missing', 'done'],
  stalled: ['yes', 'TRUE', '1', 'true,false'],
  payloads: ['yes', '1', 'TRUE', 'true,false'],
  group: ['yes', 'TRUE', '1'],
  input_hash: ['a'.repeat(201)],
  output_hash: ['a'.repeat(201)],
  cursor: ['x', 'e30.AAAAAAAAAAAAAAAAAAAAAA', '.', 'W10', '%20', 'null', '[]'],
};
const NAMES = ['route_id', 'adapter_name', 'name', 'service', 'input_hash', 'output_hash'];

describe('bad input', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
    await app.store([
      { ...registered(recordId, { executionId }), source: { recorderId: recordId, sequence: 1 } },
    ]);
  });
  afterAll(() => app.close());
  beforeAll(() => {
    const folder = join(app.payloadFolder, 'sha256', EMPTY.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, EMPTY), '');
  });

  const problem = async (path: string): Promise<Problem> => {
    const { status, body, headers } = await app.get<Problem>(path);
    expect({ path, type: headers.get('content-type') }).toEqual({
      path,
      type: 'application/problem+json; charset=utf-8',
    });
    expect(body).toMatchObject({
      status,
      type: expect.any(String) as string,
      title: STATUS_CODES[status],
      detail: expect.stringMatching(/^\S+( \S+)+$/) as string,
    });
    return body;
  };
  const expectRefused = async (path: string, field: string): Promise<void> => {
    const { status, errors } = await problem(path);
    expect({ path, status, fields: errors?.map((error) => error.field) }).toEqual({
      path,
      status: 400,
      fields: [field],
    });
  };

  it('is not what these specs begin with', async () => {
    expect(ROUTES.map(({ template }) => template)).toHaveLength(15);
    for (const { path, needed } of ROUTES) expect((await app.get(`${path}?${needed}`)).status).toBe(200);
  });

  const cases = ROUTES.flatMap(({ parameters, ...route }) =>
    parameters.map((parameter) => ({ ...route, parameter })),
  );

  it.each(cases)('is refused, naming it, in $parameter of $template', async ({ path, needed, parameter }) => {
    const rest = needed.startsWith(parameter) ? '' : needed;
    const own = WRONG[parameter];
    expect(own).toBeDefined();
    for (const value of own ?? [])
      await expectRefused(
        `${path}?${rest}${parameter}=${encodeURI(value)}`.replaceAll('%25', '%'),
        parameter,
      );
    for (const [, value] of ANYTHING_WRONG)
      await expectRefused(`${path}?${rest}${parameter}=${value}`, parameter);
  });

  it.each(cases)('is a repeated $parameter of $template', async ({ path, needed, parameter }) => {
    const value =
      { limit: '1', depth: '1', direction: 'both', status: 'failed', sort: 'started_at' }[parameter] ??
      executionId;
    const rest = needed.startsWith(parameter) ? '' : needed;
    await expectRefused(`${path}?${rest}${parameter}=${value}&${parameter}=${value}`, parameter);
  });

  it.each(ROUTES)('is a parameter that $template does not know', async ({ path, needed }) => {
    for (const name of [
      'grouped',
      'Limit',
      'executionId',
      'limit[]',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'a.b',
      '0',
    ]) {
      await expectRefused(`${path}?${needed}${name}=true`, name);
    }
    const { status } = await problem(`${path}?${needed}=1`);
    expect(status).toBe(400);
  });

  it.each(ROUTES.filter(({ template }) => template.includes('{id}')))(
    'is an id that is none: $template',
    async ({ template }) => {
      for (const id of [
        '1',
        'null',
        `${recordId}0`,
        recordId.replaceAll('-', ''),
        `{${recordId}}`,
        '%00',
        'a%00b',
        "'; --",
        'é',
      ]) {
        await expectRefused(template.replace('{id}', encodeURI(id).replaceAll('%25', '%')), 'id');
      }
      // The router refuses these before there is a route.
      for (const id of ['%', '%ED%A0%80', '%FF', 'a'.repeat(501)]) {
        const { status, headers } = await fetch(app.url + template.replace('{id}', id));
        expect([400, 414]).toContain(status);
        expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      }
    },
  );

  it('says of all fields at once what is wrong', async () => {
    const [a, b] = await Promise.all([
      problem('/api/v1/executions/x/diff/y'),
      problem(`/api/v1/executions/${executionId}/diff/y`),
    ]);
    expect(a.errors?.map(({ field }) => field)).toEqual(['a', 'b']);
    expect(b.errors?.map(({ field }) => field)).toEqual(['b']);
    const { errors, detail } = await problem('/api/v1/lineage?limit=0&status=x&group=true&batch_id=');
    expect(errors?.map(({ field }) => field).sort()).toEqual(['batch_id', 'group', 'limit', 'status']);
    expect(errors).toContainEqual({ field: 'limit', message: 'must be a whole number from 1 to 1000' });
    expect(detail).toMatch('limit');
  });

  it.each(NAMES)('is not text of 200 characters of any kind: %s', async (name) => {
    const list = { name: 'executions', service: 'recorders' }[name] ?? 'lineage';
    const path = `/api/v1/${list}`;
    for (const text of ['\u{1f600}'.repeat(200), '%', "' OR true --", '\\', '\u2028', 'null', '*']) {
      const { status, body } = await app.get<{ items: unknown[] }>(
        `${path}?${name}=${encodeURIComponent(text)}`,
      );
      expect({ status, items: body.items }).toEqual({ status: 200, items: [] });
    }
  });

  it('is every cursor that was changed, or made for another question', async () => {
    const other = anId();
    await app.store(
      Array.from({ length: 3 }, () => registered(anId(), { executionId: other }, { parentId: recordId })),
    );
    const cursors = new Map<string, string>();
    const questions = [
      `/api/v1/lineage?execution_id=${other}`,
      `/api/v1/lineage?execution_id=${other}&sort=started_at`,
      `/api/v1/lineage?execution_id=${other}&status=pending`,
      `/api/v1/lineage?execution_id=${other}&completion=pending`,
      `/api/v1/lineage/${recordId}/children?execution_id=${other}`,
      `/api/v1/lineage/${recordId}/chain?execution_id=${other}`,
    ];
    for (const question of questions) {
      const { body } = await app.get<{ next_cursor: string }>(`${question}&limit=1`);
      cursors.set(question, body.next_cursor);
    }
    for (const [question, cursor] of cursors) {
      expect((await app.get(`${question}&cursor=${cursor}`)).status).toBe(200);
      for (const foreign of [...cursors.values()].filter((one) => one !== cursor)) {
        await expectRefused(`${question}&cursor=${foreign}`, 'cursor');
      }
      for (let at = 0; at < cursor.length; at += 5) {
        const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
        await expectRefused(`${question}&cursor=${changed}`, 'cursor');
      }
    }
  });

  it('is answered with 404 or 405 and a problem where there is no such route', async () => {
    for (const path of ['/', '/api/v1', '/api/v1/nothing', `/api/v1/lineage/${recordId}/nothing`]) {
      expect((await problem(path)).status).toBe(404);
    }
  });

  it('leaves nothing in the log but the start', () => {
    expect(app.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });
});
