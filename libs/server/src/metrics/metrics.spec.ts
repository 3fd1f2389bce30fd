import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { startTestServer, type TestServer } from '../testing/test-server';
import { MetricsModule } from './metrics.module';

@Injectable()
class ThingsMetrics {
  readonly read: Counter;

  constructor(registry: Registry) {
    this.read = new Counter({ name: 'things_read_total', help: 'Things read', registers: [registry] });
  }
}

@Controller('things')
class ThingsController {
  constructor(private readonly metrics: ThingsMetrics) {}

  @Get(':id')
  get(@Param('id') id: string) {
    this.metrics.read.inc();
    return { id };
  }
}

@Module({ imports: [MetricsModule], controllers: [ThingsController], providers: [ThingsMetrics] })
class ThingsModule {}

describe('metrics', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(ThingsModule);
  });
  afterAll(() => server.app.close());

  it('tell of the process, of the app and of requests by route template', async () => {
    await server.get('/api/v1/things/1');
    await server.get('/api/v1/things/2');
    await server.get('/nothing/3');
    const { status, headers, text } = await server.get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    expect(text).toMatch(/^things_read_total 2$/m);
    expect(text).toMatch(
      /^http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/things\/:id",status="200"\} 2$/m,
    );
    expect(text).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="unmatched",status="404"\} 1$/m,
    );
    expect(text).not.toMatch('things/1');
  });

  it('have a registry for each app, so that several run in one process', async () => {
    const other = await startTestServer(ThingsModule);
    const { text } = await other.get('/metrics');
    await other.app.close();
    expect(text).toMatch(/^things_read_total 0$/m);
  });
});
