import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from './embedded-postgres';
import { ownerFile, ownerRecord, presentOwner } from './ownership';
import { bundleLibrary } from './testing/owner-process';
import { gone, kill, query, released, running, Scene, until } from './testing/scene';

let library: string;
let scene: Scene;
beforeAll(() => (library = bundleLibrary(`ownership-${process.pid}`)));
afterAll(() => rmSync(library, { force: true }));
beforeEach(() => (scene = new Scene()));
afterEach(() => scene.end());

test('when its process is killed the watchdog stops the server, and nothing is lost', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir });
  const { serverPid, url } = await owner.report();
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await owner.kill();
  await gone(serverPid);
  await released(dataDir);
  for (const watchdog of owner.watchdogs) await gone(watchdog);

  const next = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(next.origin).toBe('started');
  expect(await query(next.url(), 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  expect(readFileSync(`${next.logFile}.1`, 'utf8')).toContain('database system is shut down');
});

test('a database to throw away goes with its process, killed or not', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir, durable: false, removeOnStop: true });
  const { serverPid } = await owner.report();
  await owner.kill();
  await gone(serverPid);
  await until(() => !existsSync(dataDir) || undefined, 'the directory to be removed');
});

test('when its process and the watchdog are killed the next process adopts the server and stops it', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir });
  const { serverPid, port } = await owner.report();
  expect(owner.watchdogs).toHaveLength(1);
  await owner.kill({ andWatchdogs: true });
  expect(running(serverPid)).toBe(true);

  const next = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(next).toMatchObject({ origin: 'adopted', serverPid, port });
  await query(next.url(), 'SELECT 1');
  await next.stop();
  expect(running(serverPid)).toBe(false);
});

test('an adopted server has a watchdog again', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir });
  const { serverPid } = await owner.report();
  await owner.kill({ andWatchdogs: true });
  const adopter = scene.process({ library, dataDir });
  expect(await adopter.report()).toMatchObject({ origin: 'adopted', serverPid });
  await adopter.kill();
  await gone(serverPid);
  await released(dataDir);
});

test('a server whose owner lives is used and left alone', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir });
  const { serverPid, port } = await owner.report();
  const guest = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(guest).toMatchObject({ origin: 'shared', serverPid, port });
  await guest.stop();
  await query(guest.url(), 'SELECT 1');
  expect(await owner.stop()).toBe(0);
  expect(running(serverPid)).toBe(false);
});

test('a guest that is killed takes nothing with it', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  const guest = scene.process({ library, dataDir });
  expect(await guest.report()).toMatchObject({ origin: 'shared', serverPid: server.serverPid });
  expect(guest.watchdogs).toEqual([]);
  await guest.kill();
  await query(server.url(), 'SELECT 1');
});

test('of many processes that start at once on a new directory one owns the server', async () => {
  const dataDir = scene.dataDir();
  const reports = await Promise.all(
    Array.from({ length: 6 }, () => scene.process({ library, dataDir, durable: false }).report()),
  );
  expect(reports.map(({ origin }) => origin).sort()).toEqual([
    'shared',
    'shared',
    'shared',
    'shared',
    'shared',
    'started',
  ]);
  expect(new Set(reports.map(({ serverPid }) => serverPid)).size).toBe(1);
  for (const { url } of reports) await query(url, 'SELECT 1');
});

test('of many processes that find an orphan one adopts it', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir, durable: false });
  const { serverPid } = await owner.report();
  await owner.kill({ andWatchdogs: true });
  const reports = await Promise.all(
    Array.from({ length: 6 }, () => scene.process({ library, dataDir }).report()),
  );
  expect(reports.map(({ origin }) => origin).sort()).toEqual([
    'adopted',
    'shared',
    'shared',
    'shared',
    'shared',
    'shared',
  ]);
  expect(new Set(reports.map((report) => report.serverPid))).toEqual(new Set([serverPid]));
});

test('a process that starts while the watchdog is at work has a server in the end', async () => {
  const dataDir = scene.dataDir();
  for (let round = 0; round < 5; round += 1) {
    const owner = scene.process({ library, dataDir, durable: false });
    const { url } = await owner.report();
    await owner.kill();
    const next = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
    expect(next.origin).not.toBe('shared');
    await query(next.url(), `CREATE TABLE round_${round} ()`);
    expect(new URL(next.url()).password).toBe(new URL(url).password);
    await next.stop();
    expect(running(next.serverPid)).toBe(false);
  }
});

test('Ctrl-C in the terminal reaches neither the server nor the watchdog', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir, durable: false });
  const { serverPid, url } = await owner.report();
  await owner.interrupt();
  expect([serverPid, ...owner.watchdogs].map(running)).toEqual([true, true]);
  await query(url, 'SELECT 1');
  expect(await owner.stop()).toBe(0);
  expect(running(serverPid)).toBe(false);
  for (const watchdog of owner.watchdogs) await gone(watchdog);
});

test('a server that was killed recovers at the next start', async () => {
  const dataDir = scene.dataDir();
  const first = await scene.keep(startEmbeddedPostgres({ dataDir }));
  await query(first.url(), 'CREATE TABLE kept AS SELECT 1 AS one');
  kill(first.serverPid, 'SIGKILL');
  await gone(first.serverPid);
  await first.stop();
  const second = await scene.keep(startEmbeddedPostgres({ dataDir }));
  expect(await query(second.url(), 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
});

test('numbers that other processes have by now mislead nobody', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir, durable: false });
  const { serverPid } = await owner.report();
  await owner.kill({ andWatchdogs: true });
  // As after a power failure and a reboot: both numbers belong to living processes of somebody else.
  kill(serverPid, 'SIGKILL');
  await gone(serverPid);
  const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
  const { number } = presentOwner(dataDir);
  const reused = ownerRecord(dataDir, 'running', { pid: process.pid, started: 'long ago' });
  writeFileSync(ownerFile(dataDir, number), JSON.stringify(reused));

  const next = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  expect(next.origin).toBe('started');
  await query(next.url(), 'SELECT 1');
});

test('a copy of a directory in use is a database of its own', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  await query(server.url(), 'CREATE TABLE kept AS SELECT 1 AS one');
  await query(server.url(), 'CHECKPOINT');
  const copy = scene.dataDir();
  execFileSync('cp', ['-a', dataDir, copy]);

  const other = await scene.keep(startEmbeddedPostgres({ dataDir: copy, durable: false }));
  expect(other.origin).toBe('started');
  expect(other.serverPid).not.toBe(server.serverPid);
  expect(await query(other.url(), 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  await other.stop();
  await query(server.url(), 'SELECT 1');
});

test('a process that dies while it makes the database leaves nothing half done', async () => {
  const dataDir = scene.dataDir();
  const owner = scene.process({ library, dataDir });
  await until(
    () =>
      (existsSync(dataDir) && readdirSync(dataDir).some((name) => name.startsWith('.initdb-'))) || undefined,
    'initdb to begin',
  );
  await owner.kill();
  expect(existsSync(join(dataDir, 'cluster'))).toBe(false);
  const next = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  expect(next.origin).toBe('started');
  await query(next.url(), 'SELECT 1');
  await next.stop();
  // At the latest the start after that, when the orphaned initdb has ended too, tidies up.
  await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  expect(readdirSync(dataDir).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('waiting for an owner that never gets its server ready ends, with the place of the log', async () => {
  const dataDir = scene.dataDir();
  const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
  kill(server.serverPid, 'SIGKILL');
  await gone(server.serverPid);
  await expect(startEmbeddedPostgres({ dataDir, startTimeoutMs: 200 })).rejects.toThrow(
    new RegExp(`Process ${process.pid} owns the database in ${dataDir} .*${dataDir}/server.log`),
  );
});
