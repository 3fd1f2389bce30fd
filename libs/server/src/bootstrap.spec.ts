import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { startTestServer, type TestServer } from './testing/test-server';

const gate = new EventEmitter();

@Controller('things')
class ThingsController {
  @Get()
  all() {
    return [];
  }

  @Get('slow')
  async slow() {
    const released = once(gate, 'release');
    gate.emit('entered');
    await released;
    return ['late'];
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('bootstrapServer', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startTestServer(ThingsModule);
  });
  afterEach(() => server.app.close());

  it('answers below /api/v1 and says in one line of its log where', async () => {
    expect(await server.get('/api/v1/things')).toMatchObject({ status: 200, json: [] });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.log).toEqual([
      expect.objectContaining({ level: 30, name: 'test', msg: `test listening on ${server.url}` }),
    ]);
  });

  it('sends headers that keep browsers from guessing', async () => {
    const { headers } = await server.get('/api/v1/things');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toMatch('upgrade-insecure-requests');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each(['localhost', 'localhost:4000', '127.0.0.1:1', '[::1]:4000', 'LOCALHOST'])(
    'answers on loopback to the host %s',
    async (host) => {
      const answer = await server.raw(
        `GET /api/v1/things HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200/);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1', ''])(
    'refuses on loopback the host %j, on every path',
    async (host) => {
      for (const path of ['/api/v1/things', '/nothing']) {
        const answer = await server.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 421/);
        expect(answer).toMatch('application/problem+json');
      }
    },
  );

  it('answers to any host when it listens to the network', async () => {
    const open = await startTestServer(ThingsModule, { host: '0.0.0.0' });
    const answer = await open.raw(
      'GET /api/v1/things HTTP/1.1\r\nHost: facts.example\r\nConnection: close\r\n\r\n',
    );
    await open.app.close();
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
  });

  it('names the variable to set when the port is in use', async () => {
    const { port } = new URL(server.url);
    await expect(startTestServer(ThingsModule, { port: Number(port) })).rejects.toThrow(
      `127.0.0.1:${port} is in use: end what listens there, or set TEST_PORT to a free port.`,
    );
  });

  it('lets a request in flight end before it closes', async () => {
    const entered = once(gate, 'entered');
    const answer = server.get('/api/v1/things/slow');
    await entered;
    const closed = server.app.close();
    gate.emit('release');
    expect(await answer).toMatchObject({ status: 200, json: ['late'] });
    await closed;
    await expect(server.get('/api/v1/things')).rejects.toThrow();
  });

  it('breaks off a request that does not end in time', async () => {
    const impatient = await startTestServer(ThingsModule, { shutdownTimeoutMs: 1 });
    const entered = once(gate, 'entered');
    const answer = expect(impatient.get('/api/v1/things/slow')).rejects.toThrow();
    await entered;
    await impatient.app.close();
    await answer;
  });

  it('leaves the port free when it is closed', async () => {
    const { port } = new URL(server.url);
    await server.app.close();
    const next = createServer();
    await new Promise<void>((resolve, reject) => {
      next.on('error', reject).listen(Number(port), '127.0.0.1', resolve);
    });
    next.close();
  });
});
