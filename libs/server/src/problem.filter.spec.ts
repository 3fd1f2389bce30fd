import { Body, Controller, Get, HttpException, Module, Param, Post, Query, Res } from '@nestjs/common';
import { Expose, Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsOptional, IsString, IsUUID, Max, Min, ValidateNested } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { ProblemError } from './problem';
import { startTestServer, type TestServer } from './testing/test-server';

class CodedError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly errors?: unknown,
  ) {
    super(message);
  }
}

class ListQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;

  @IsOptional()
  @Expose({ name: 'execution_id' })
  @IsUUID()
  executionId?: string;
}

class Range {
  @IsInt()
  from!: number;
}

class Heartbeat {
  @IsString()
  service!: string;

  @ValidateNested({ each: true })
  @ArrayMaxSize(3)
  @Type(() => Range)
  lost!: Range[];
}

const FAILURES: Record<string, () => unknown> = {
  coded: () => new CodedError('record_not_found', 'There is no record 1.'),
  fields: () => new CodedError('ambiguous', 'Several.', [{ field: 'execution_id', message: 'is needed' }]),
  unknown: () => new CodedError('surprise', 'secret of the inside'),
  away: () => new CodedError('ECONNREFUSED', 'connect ECONNREFUSED'),
  own: () =>
    new ProblemError(
      { status: 422, code: 'impossible', title: 'Impossible', detail: 'No.' },
      { 'x-why': 'y' },
    ),
  teapot: () => new HttpException('short and stout', 418),
  text: () => 'only a text',
};

@Controller('things')
class ThingsController {
  @Get()
  list(@Query() query: ListQuery) {
    return { limit: query.limit ?? null, executionId: query.executionId ?? null };
  }

  @Get('failing/:how')
  fail(@Param('how') how: string) {
    throw FAILURES[how]?.();
  }

  @Get('breaking-off')
  breakOff(@Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    reply.raw.write('the beginning');
    throw new Error('broken in the middle');
  }

  @Post()
  create(@Body() body: Heartbeat) {
    return { service: body.service };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('problem documents', () => {
  let server: TestServer;
  const post = (body: string, type = 'application/json') =>
    server.get('/api/v1/things', { method: 'POST', body, headers: { 'content-type': type } });

  beforeAll(async () => {
    server = await startTestServer(ThingsModule, {
      bodyLimitBytes: 20_000,
      problems: {
        statusByCode: { record_not_found: 404, ambiguous: 409 },
        isUnavailable: (error) => error instanceof CodedError && error.code === 'ECONNREFUSED',
        retryAfterSeconds: 7,
      },
    });
  });
  afterAll(() => server.app.close());

  it.each([
    [
      'coded',
      404,
      { type: 'urn:factflow:problem:record_not_found', title: 'Not Found', detail: 'There is no record 1.' },
    ],
    ['fields', 409, { code: 'ambiguous', errors: [{ field: 'execution_id', message: 'is needed' }] }],
    ['own', 422, { type: 'urn:factflow:problem:impossible', title: 'Impossible', detail: 'No.' }],
    ['teapot', 418, { type: 'about:blank', title: "I'm a Teapot", detail: 'short and stout' }],
    ['away', 503, { code: 'unavailable', title: 'Service Unavailable' }],
  ])('answer an error (%s) with its status %i', async (how, status, problem) => {
    const answer = await server.get(`/api/v1/things/failing/${how}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.json).toMatchObject({ status, ...problem });
  });

  it('carry the headers of the error, and say when to come back while the database is away', async () => {
    expect((await server.get('/api/v1/things/failing/own')).headers.get('x-why')).toBe('y');
    expect((await server.get('/api/v1/things/failing/away')).headers.get('retry-after')).toBe('7');
  });

  it.each(['unknown', 'text'])('keep the cause of an unexpected error (%s) for the log', async (how) => {
    const answer = await server.get(`/api/v1/things/failing/${how}`);
    expect(answer.status).toBe(500);
    expect(answer.json).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'The request could not be answered; the log of the server says why.',
    });
    const message = how === 'text' ? 'only a text' : 'secret of the inside';
    expect(server.log).toContainEqual(
      expect.objectContaining({ level: 50, msg: message, stack: expect.stringContaining('Error') }),
    );
  });

  it('break the connection off when an answer had begun', async () => {
    await expect(server.get('/api/v1/things/breaking-off')).rejects.toThrow();
  });

  it.each([
    ['/api/v1/nothing', 404],
    ['/nothing', 404],
    ['/api/v1/things/%ZZ', 400],
    ['/%', 400],
    [`/api/v1/things/failing/${'a'.repeat(600)}`, 414],
    [`/api/v1/things?${'a'.repeat(30_000)}`, 431],
  ])('answer GET %.30s with %i', async (path, status) => {
    const answer = await server.get(path);
    expect(answer).toMatchObject({ status, json: { status, title: expect.any(String) } });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });

  it('answer a wrong method with 404', async () => {
    expect((await server.get('/api/v1/things', { method: 'DELETE' })).json).toMatchObject({ status: 404 });
  });

  it.each([
    ['NONSENSE\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['GET / HTTP/1.1\r\nBroken Header\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
  ])('answer what is no HTTP (%j)', async (bytes, statusLine) => {
    const answer = await server.raw(bytes);
    expect(answer).toMatch(statusLine);
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status: 400, title: 'Bad Request' });
  });

  it.each([
    ['a body that is no JSON', '{"service": ', 'application/json', 400],
    ['an empty body', '', 'application/json', 400],
    ['a body that meddles with prototypes', '{"__proto__": {"service": "x"}}', 'application/json', 400],
    ['a body of another type', 'service=x', 'application/x-www-form-urlencoded', 415],
    ['a body of plain text', 'service', 'text/plain', 415],
    ['a body that is too long', JSON.stringify({ service: 'x'.repeat(30_000) }), 'application/json', 413],
  ])('refuse %s', async (_, body, type, status) => {
    const answer = await post(body, type);
    expect(answer).toMatchObject({ status, json: { status, title: expect.any(String) } });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });

  it('name every field of a query that is wrong, as it is written there', async () => {
    const answer = await server.get('/api/v1/things?limit=2000&execution_id=x&color=red');
    expect(answer.json).toEqual({
      type: 'urn:factflow:problem:invalid_request',
      title: 'Bad Request',
      status: 400,
      code: 'invalid_request',
      detail: expect.stringMatching(/^Not valid: /),
      errors: expect.arrayContaining([
        { field: 'limit', message: 'limit must not be greater than 1000' },
        { field: 'execution_id', message: 'execution_id must be a UUID' },
        { field: 'color', message: 'is not known here' },
      ]),
    });
  });

  it.each([
    '__proto__=1',
    'constructor=1',
    'toString=1',
    'limit=1&limit=2',
    'limit[a]=1',
    'limit=1e400',
    'limit=',
  ])('answer the query %s with 400', async (query) => {
    expect((await server.get(`/api/v1/things?${query}`)).json).toMatchObject({ status: 400 });
  });

  it('name the fields of a body by their paths', async () => {
    const answer = await post(JSON.stringify({ lost: [{ from: 1 }, { from: 'x', until: 2 }] }));
    expect(answer.json).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([
        { field: 'service', message: 'service must be a string' },
        { field: 'lost[1].from', message: 'from must be an integer number' },
        { field: 'lost[1].until', message: 'is not known here' },
      ]),
    });
  });

  it('refuse a body nested thousands of times', async () => {
    const answer = await post(`{"service": "x", "lost": ${'['.repeat(9000)}${']'.repeat(9000)}}`);
    expect(answer.json).toMatchObject({
      status: 400,
      errors: [{ message: 'must not be nested deeper than 64' }],
    });
  });

  it('do not stand in the way of a good request', async () => {
    expect(await server.get('/api/v1/things?limit=1000')).toMatchObject({
      status: 200,
      json: { limit: 1000 },
    });
    expect(await post('{"service": "x", "lost": []}')).toMatchObject({ status: 201, json: { service: 'x' } });
  });
});
