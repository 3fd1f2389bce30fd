import { randomBytes } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FilePayloadStore } from './file-store';
import { PayloadStoreUnavailable } from './payload-errors';
import {
  inPieces,
  keepsTheContract,
  keyOf,
  LIMIT,
  listed,
  storing,
  type StoreUnderTest,
} from './testing/store-contract';

describe('a payload store of files', () => {
  let folder: string;
  let under: StoreUnderTest;
  const fileOf = (key: string): string => join(folder, 'sha256', key.slice(7, 9), key.slice(7));

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'factflow-payloads-')), 'made when needed');
    under = {
      store: new FilePayloadStore(folder),
      damage: async (key, change) => writeFile(fileOf(key), change(await readFile(fileOf(key)))),
      obstruct: async (key) => {
        await rm(fileOf(key));
        await mkdir(fileOf(key));
      },
      leftovers: () => readdir(join(folder, 'incoming')),
    };
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  keepsTheContract(() => under);

  it('keeps files that nobody else can read, in folders that nobody else can enter', async () => {
    const { key } = await storing(under.store, randomBytes(5));
    const modes = [
      folder,
      join(folder, 'sha256'),
      join(folder, 'incoming'),
      join(fileOf(key), '..'),
      fileOf(key),
    ];
    const found = await Promise.all(modes.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
    expect(found).toEqual(['700', '700', '700', '700', '600']);
  });

  it('is empty where there is no folder yet', async () => {
    await expect(under.store.check('read')).resolves.toBeUndefined();
    await expect(listed(under.store)).resolves.toEqual([]);
    await expect(under.store.removeLeftovers(Date.now())).resolves.toBe(0);
  });

  it('follows no link, in or out', async () => {
    const bytes = Buffer.from('elsewhere');
    const { key } = await storing(under.store, bytes);
    const outside = join(folder, '..', 'outside');
    await writeFile(outside, bytes);
    await rm(fileOf(key));
    await symlink(outside, fileOf(key));
    await expect(under.store.head(key)).resolves.toBeUndefined();
    await expect(under.store.read(key)).rejects.toThrow(PayloadStoreUnavailable);
    await storing(under.store, bytes);
    expect((await lstat(fileOf(key))).isFile()).toBe(true);
    await expect(readFile(outside)).resolves.toEqual(bytes);
  });

  it('keeps what a folder in the place of a payload holds, beside it', async () => {
    const bytes = randomBytes(5);
    const { key } = await storing(under.store, bytes);
    await under.obstruct(key);
    await writeFile(join(fileOf(key), 'theirs'), 'x');
    await under.store.delete(key);
    await storing(under.store, bytes);
    await expect(under.store.verify(key)).resolves.toBe('ok');
    const [, beside] = (await readdir(join(fileOf(key), '..'))).sort();
    await expect(readdir(join(fileOf(key), '..', beside ?? ''))).resolves.toEqual(['theirs']);
    await expect(listed(under.store)).resolves.toHaveLength(1);
  });

  it('passes over what is none of its own', async () => {
    const { key } = await storing(under.store, randomBytes(5));
    await writeFile(join(folder, 'sha256', 'README'), 'x');
    await writeFile(join(fileOf(key), '..', 'core'), 'x');
    await writeFile(join(fileOf(key), '..', 'f'.repeat(64)), 'of another folder');
    await expect(listed(under.store)).resolves.toMatchObject([{ key, bytes: 5 }]);
  });

  it('removes what a crash left of uploads, but not what is at work', async () => {
    await under.store.check('write');
    const [old, young] = ['old', 'young'].map((name) => join(folder, 'incoming', name)) as [string, string];
    await writeFile(old, 'x');
    await writeFile(young, 'x');
    await utimes(old, 1000, 1000);
    await expect(under.store.removeLeftovers(Date.now() - 1000)).resolves.toBe(1);
    await expect(under.leftovers()).resolves.toEqual(['young']);
  });

  it('says what to do where it cannot write', async () => {
    await writeFile(join(folder, '..', 'a file'), 'x');
    const store = new FilePayloadStore(join(folder, '..', 'a file', 'payloads'));
    const bytes = randomBytes(3);
    const source = inPieces(bytes);
    for (const failing of [store.check('write'), store.put(keyOf(bytes), source, LIMIT)]) {
      await expect(failing).rejects.toThrow(PayloadStoreUnavailable);
      await expect(failing).rejects.toThrow('FACTFLOW_PAYLOAD_STORE');
    }
  });

  it('does not fail where a file disappears while it is read', async () => {
    const bytes = randomBytes(3_000_000);
    const { key } = await storing(under.store, bytes);
    const stream = await under.store.read(key);
    await under.store.delete(key);
    expect((await buffer(stream)).equals(bytes)).toBe(true);
    await chmod(folder, 0o700);
  });
});
