import { existsSync, statSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { startEmbeddedPostgres } from './embedded-postgres';
import { gone, query, running, Scene } from './testing/scene';

let scene: Scene;
beforeEach(() => (scene = new Scene()));
afterEach(() => scene.end());

test('what was stored is there after a restart', async () => {
  const dataDir = scene.dataDir();
  const first = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(first.origin).toBe('started');
  await query(first.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  expect(running(first.serverPid)).toBe(false);

  const second = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(second.origin).toBe('started');
  expect(await query(second.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('stopping twice, at once or later, is stopping once', async () => {
  const server = await scene.keep(startEmbeddedPostgres({ dataDir: scene.dataDir(), durable: false }));
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(running(server.serverPid)).toBe(false);
});

test('listens on 127.0.0.1 alone, without a socket file, and sorts the same on every machine', async () => {
  const server = await scene.keep(startEmbeddedPostgres({ dataDir: scene.dataDir(), durable: false }));
  const rows = await query<{ name: string; setting: string }>(
    server.url(),
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('listen_addresses', 'unix_socket_directories', 'server_encoding', 'TimeZone')
     UNION ALL SELECT 'locale', concat(datlocprovider, ' ', datlocale) FROM pg_database WHERE datname = 'template1'`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
    TimeZone: 'UTC',
    locale: 'b C.UTF-8',
  });
});

test('takes the port, the connections and the settings it is given', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const dataDir = scene.dataDir();
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(
    new RegExp(`port ${port} is taken.*${dataDir}/server.log`),
  );
  await new Promise((resolve) => taken.close(resolve));

  const server = await scene.keep(
    startEmbeddedPostgres({
      dataDir,
      port,
      durable: false,
      maxConnections: 37,
      settings: { work_mem: '7MB' },
    }),
  );
  expect(server.port).toBe(port);
  const rows = await query(
    server.url(),
    `SELECT current_setting('max_connections') AS m, current_setting('work_mem') AS w, current_setting('fsync') AS f`,
  );
  expect(rows).toEqual([{ m: '37', w: '7MB', f: 'off' }]);
});

test('asks for the password, which only its owner can read', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  const wrong = new URL(server.url());
  wrong.password = 'guessed';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  wrong.password = '';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password');
  expect(new URL(server.url()).password.length).toBeGreaterThan(20);
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'cluster')).mode & 0o777).toBe(0o700);
  expect(await query(server.url(), 'SELECT DISTINCT auth_method FROM pg_hba_file_rules')).toEqual([
    { auth_method: 'scram-sha-256' },
  ]);
});

test('names a database in its connection string', async () => {
  const server = await scene.keep(startEmbeddedPostgres({ dataDir: scene.dataDir(), durable: false }));
  await query(server.url(), 'CREATE DATABASE "über uns"');
  expect(await query(server.url('über uns'), 'SELECT current_database() AS d')).toEqual([{ d: 'über uns' }]);
});

test.each([
  ['with blanks, quotes and signs of the shell', `it's a "clone" of $HOME & más`],
  ['that is very long', `${'long'.repeat(60)}/`.repeat(3)],
])('lives below a path %s', async (_, name) => {
  const dataDir = join(scene.folder(), name, 'postgres');
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  expect(await query(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await server.stop();
  expect(running(server.serverPid)).toBe(false);
});

test('a path beyond what PostgreSQL can hold is refused as such', async () => {
  const dataDir = join(scene.folder(), `${'long'.repeat(60)}/`.repeat(4));
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('too long for PostgreSQL');
});

test('one directory under two names is one database', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  const link = join(scene.folder(), 'link');
  symlinkSync(dataDir, link);
  const other = await scene.keep(startEmbeddedPostgres({ dataDir: link }));
  expect([other.origin, other.serverPid]).toEqual(['shared', server.serverPid]);
});

test('a database to throw away leaves nothing behind', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false, removeOnStop: true }));
  await server.stop();
  expect(existsSync(dataDir)).toBe(false);
  expect(existsSync(dirname(dataDir))).toBe(true);
});

test('a server whose directory was removed under it is stopped all the same', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  await rm(dataDir, { recursive: true, maxRetries: 10 });
  await server.stop();
  await gone(server.serverPid);
});
