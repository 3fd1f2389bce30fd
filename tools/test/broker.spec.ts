import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BROKER_SUITES, hasBroker, leftOut } from './broker.cjs';

describe('the suites over NATS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'factflow-broker-'));
  const server = join(folder, 'nats-server');
  beforeEach(() => writeFileSync(server, '#!/bin/sh\n', { mode: 0o755 }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string, NodeJS.ProcessEnv]>([
    ['NATS_URL', { NATS_URL: 'nats://127.0.0.1:4222' }],
    ['a nats-server on the PATH', { PATH: ['/nowhere', folder].join(delimiter) }],
  ])('run with %s', (_, env) => {
    expect(hasBroker(env)).toBe(true);
    expect(leftOut(env)).toEqual([]);
  });

  it('are left out without, and that is said', () => {
    for (const env of [{}, { PATH: '' }, { PATH: '/nowhere' }, { NATS_URL: '', PATH: tmpdir() }]) {
      expect(hasBroker(env)).toBe(false);
      expect(leftOut(env).join('\n')).toMatch(
        /Left out: .*nats\.e2e\.spec\.ts[^]*NATS_URL.*nats-server on the PATH/,
      );
    }
    chmodSync(server, 0o644);
    expect(hasBroker({ PATH: folder })).toBe(false);
    expect('/repo/apps/e2e/src/nats.e2e.spec.ts').toMatch(new RegExp(BROKER_SUITES));
  });
});
