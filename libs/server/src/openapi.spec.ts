import { Controller, Get, Module } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { HealthModule } from './health/health.module';
import { MetricsModule } from './metrics/metrics.module';
import { ApiProblems, serveOpenApi } from './openapi';
import { startTestServer, type TestServer } from './testing/test-server';

class ThingDto {
  @ApiProperty({ type: String, nullable: true })
  name!: string | null;
}

@Controller('things')
class ThingsController {
  @Get()
  @ApiOkResponse({ type: ThingDto })
  @ApiProblems({ 400: 'The query is not valid', 503: 'The database is away' })
  getThing(): ThingDto {
    return { name: null };
  }
}

@Module({ imports: [HealthModule.forRoot({ checks: {} }), MetricsModule], controllers: [ThingsController] })
class ThingsModule {}

describe('OpenAPI', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(ThingsModule, {
      configure: (app) =>
        void serveOpenApi(app, { title: 'Things', description: 'All of them', version: '1.2.3' }),
    });
  });
  afterAll(() => server.app.close());

  it('has a document of version 3.1 with the routes of the API alone', async () => {
    const { json } = await server.get('/api/openapi.json');
    expect(json).toMatchObject({
      openapi: '3.1.0',
      info: {
        title: 'Things',
        description: expect.stringMatching(/^All of them\n\n.*\/health\/ready.*\/metrics/),
        version: '1.2.3',
      },
      components: { schemas: { ThingDto: { properties: { name: { type: ['string', 'null'] } } } } },
    });
    expect(Object.keys((json as { paths: object }).paths)).toEqual(['/api/v1/things']);
  });

  it('documents problems', async () => {
    const { json } = await server.get('/api/openapi.json');
    const schema = { $ref: '#/components/schemas/ProblemDto' };
    expect(json).toMatchObject({
      paths: {
        '/api/v1/things': {
          get: {
            operationId: 'getThing',
            responses: {
              400: {
                description: 'The query is not valid',
                content: { 'application/problem+json': { schema } },
              },
              421: { content: { 'application/problem+json': { schema } } },
              503: {
                description: 'The database is away',
                content: { 'application/problem+json': { schema } },
              },
            },
          },
        },
      },
      components: { schemas: { ProblemDto: { required: ['type', 'title', 'status', 'detail'] } } },
    });
  });

  it('has a page that loads nothing from elsewhere', async () => {
    const page = await server.get('/api/docs');
    expect(page.status).toBe(200);
    expect(page.text).toMatch('<title>Things</title>');
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const { origin, pathname } = new URL(asset, `${server.url}/api/docs`);
      expect(origin).toBe(server.url);
      expect((await server.get(pathname)).status).toBe(200);
    }
  });
});
