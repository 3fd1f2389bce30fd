import { Module } from '@nestjs/common';
import { startTestServer, type TestServer } from '../testing/test-server';
import { HealthModule } from './health.module';

const state: { fault?: Error; hangs?: boolean } = {};
const check = (signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    if (state.hangs) signal.addEventListener('abort', () => reject(new Error('aborted')));
    else if (state.fault) reject(state.fault);
    else resolve();
  });

@Module({
  imports: [
    HealthModule.forRootAsync({
      useFactory: () => ({ checks: { database: check, migrations: () => Promise.resolve() }, timeoutMs: 20 }),
    }),
  ],
})
class ThingsModule {}

describe('health', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(ThingsModule);
  });
  beforeEach(() => {
    state.fault = undefined;
    state.hangs = false;
  });
  afterAll(() => server.app.close());

  it('is live while the process answers, whatever the checks say', async () => {
    state.fault = new Error('away');
    expect(await server.get('/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } });
  });

  it('is ready when every check holds', async () => {
    const answer = await server.get('/health/ready');
    expect(answer).toMatchObject({ status: 200, json: { status: 'ok', checks: ['database', 'migrations'] } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is not ready when a check fails, and says which and why', async () => {
    state.fault = new Error('connection refused');
    const answer = await server.get('/health/ready');
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer).toMatchObject({
      status: 503,
      json: {
        status: 503,
        code: 'not_ready',
        detail: 'Not ready: database.',
        errors: [{ field: 'database', message: 'connection refused' }],
      },
    });
  });

  it('is not ready when a check does not come to an end', async () => {
    state.hangs = true;
    expect(await server.get('/health/ready')).toMatchObject({
      status: 503,
      json: { errors: [{ field: 'database' }] },
    });
  });
});
