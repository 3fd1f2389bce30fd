import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findBinaryPackage } from './binaries';
import { startEmbeddedPostgres } from './embedded-postgres';
import { query, Scene } from './testing/scene';

let scene: Scene;
beforeEach(() => (scene = new Scene()));
afterEach(() => scene.end());

async function messageOf(starting: Promise<unknown>): Promise<string> {
  return starting.then(
    () => 'it started',
    (error: Error) => error.message,
  );
}

test('a database of another major version is refused with the line that puts it aside, which works', async () => {
  const dataDir = join(scene.folder(), "it's mine", 'database');
  const first = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  await first.stop();
  writeFileSync(join(dataDir, 'cluster', 'PG_VERSION'), '16\n');

  const message = await messageOf(startEmbeddedPostgres({ dataDir }));
  expect(message).toContain(`made by PostgreSQL 16; this is PostgreSQL 18, which cannot read it`);
  expect(message).toContain('DATABASE_URL');
  // Refused means left as it was, again and again.
  expect(await messageOf(startEmbeddedPostgres({ dataDir }))).toBe(message);

  const line = message.split('\n').find((candidate) => candidate.startsWith('  mv '));
  execFileSync('/bin/sh', ['-c', line ?? 'exit 1']);
  const fresh = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  expect(fresh.origin).toBe('started');
  await query(fresh.url(), 'SELECT 1');
});

test('a folder that is no database is refused as such', async () => {
  const dataDir = scene.dataDir();
  mkdirSync(join(dataDir, 'cluster'), { recursive: true });
  expect(await messageOf(startEmbeddedPostgres({ dataDir }))).toContain(
    `${dataDir}/cluster is no PostgreSQL data directory`,
  );
});

test('a database whose password is lost is refused with the line that puts it aside', async () => {
  const dataDir = scene.dataDir();
  const first = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  await first.stop();
  rmSync(join(dataDir, 'password'));
  expect(await messageOf(startEmbeddedPostgres({ dataDir, durable: false }))).toContain(
    `type: mv ${dataDir} ${dataDir}-old`,
  );
});

test('a setting PostgreSQL does not know is refused with what PostgreSQL says', async () => {
  const dataDir = scene.dataDir();
  const message = await messageOf(startEmbeddedPostgres({ dataDir, settings: { max_conections: '5' } }));
  expect(message).toContain('unrecognized configuration parameter "max_conections"');
  expect(message).toContain(join(dataDir, 'server.log'));
  const corrected = await scene.keep(startEmbeddedPostgres({ dataDir, settings: { max_connections: '5' } }));
  await query(corrected.url(), 'SELECT 1');
});

test('a platform without binaries is told to set DATABASE_URL', () => {
  const find = (): unknown =>
    findBinaryPackage(() => {
      throw new Error('Cannot find module');
    });
  expect(find).toThrow(/no embedded PostgreSQL for .*npm ci --include=optional.*set DATABASE_URL/);
});
