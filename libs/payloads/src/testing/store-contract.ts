import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import {
  PayloadCorrupt,
  PayloadDigestMismatch,
  PayloadKeyInvalid,
  PayloadMissing,
  PayloadStoreUnavailable,
  PayloadTooLarge,
} from '../payload-errors';
import type { ListedPayload, PayloadStore, StoredPayload } from '../payload-store';
import { unreadableReason } from '../unreadable';

export const keyOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes as they come from a connection: in pieces. */
export const inPieces = (bytes: Uint8Array, size = 60_000): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
    { objectMode: false },
  );

export const MiB = 1024 ** 2;
export const LIMIT = { maxBytes: 64 * MiB };

/** A store and a hand in what it keeps. */
export interface StoreUnderTest {
  readonly store: PayloadStore;
  /** Changes what the store has of a key, behind its back. */
  damage(key: string, change: (bytes: Buffer) => Buffer): Promise<void>;
  /** Has reading a key fail where the store itself can be read. */
  obstruct(key: string): Promise<void>;
  /** The names of uploads that are not whole. */
  leftovers(): Promise<string[]>;
}

export const storing = async (store: PayloadStore, bytes: Uint8Array): Promise<StoredPayload> =>
  store.put(keyOf(bytes), inPieces(bytes), LIMIT);

/** All that is listed. */
export async function listed(store: PayloadStore): Promise<ListedPayload[]> {
  const all: ListedPayload[] = [];
  for await (const stored of store.list()) all.push(stored);
  return all;
}

/** What every payload store keeps to. @param large more than an upload of one part holds, in bytes */
export function keepsTheContract(under: () => StoreUnderTest, large = 12 * MiB): void {
  const store = (): PayloadStore => under().store;

  it('gives back what was stored, whatever it is and however it came in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        async (bytes, size) => {
          const key = keyOf(bytes);
          const stored = { key, bytes: bytes.length };
          await expect(store().put(key, inPieces(bytes, size), LIMIT)).resolves.toEqual(stored);
          await expect(store().head(key)).resolves.toEqual(stored);
          expect(await buffer(await store().read(key))).toEqual(Buffer.from(bytes));
          await expect(store().verify(key)).resolves.toBe('ok');
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives back large ones, and any range of them', async () => {
    const bytes = randomBytes(large);
    const { key } = await storing(store(), bytes);
    expect((await buffer(await store().read(key))).equals(bytes)).toBe(true);
    const edges = [0, 1, 65_535, 65_536, large - 70_000, large - 1];
    for (const start of edges) {
      for (const end of edges.filter((edge) => edge >= start)) {
        const part = await buffer(await store().read(key, { start, end }));
        expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    }
  });

  it('refuses bytes of another digest, and has nothing of them', async () => {
    for (const bytes of [randomBytes(10), randomBytes(large)]) {
      const key = keyOf(randomBytes(4));
      const source = inPieces(bytes);
      await expect(store().put(key, source, LIMIT)).rejects.toThrow(PayloadDigestMismatch);
      await expect(store().head(key)).resolves.toBeUndefined();
    }
    await expect(under().leftovers()).resolves.toEqual([]);
  });

  it('takes bytes up to the limit, and breaks off at one more', async () => {
    const bytes = randomBytes(100_000);
    const key = keyOf(bytes);
    await expect(store().put(key, inPieces(bytes), { maxBytes: 99_999 })).rejects.toThrow(PayloadTooLarge);
    await expect(store().head(key)).resolves.toBeUndefined();
    const endless = Readable.from(
      (function* () {
        for (;;) yield bytes;
      })(),
      { objectMode: false },
    );
    await expect(store().put(key, endless, { maxBytes: 30 * MiB })).rejects.toThrow(PayloadTooLarge);
    // Whoever sends it may want an answer.
    expect(endless.destroyed).toBe(false);
    endless.destroy();
    await expect(store().put(key, inPieces(bytes), { maxBytes: 100_000 })).resolves.toEqual({
      key,
      bytes: 100_000,
    });
    await expect(under().leftovers()).resolves.toEqual([]);
  });

  it('has nothing of an upload that breaks off', async () => {
    const bytes = randomBytes(large);
    const broken = Readable.from(
      (function* () {
        yield bytes.subarray(0, large - 1);
        throw new Error('gone');
      })(),
      { objectMode: false },
    );
    await expect(store().put(keyOf(bytes), broken, LIMIT)).rejects.toThrow('gone');
    await expect(store().head(keyOf(bytes))).resolves.toBeUndefined();
    await expect(under().leftovers()).resolves.toEqual([]);
  });

  it('takes the same again, many times at once', async () => {
    const bytes = randomBytes(200_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => storing(store(), bytes)));
    expect(new Set(answers.map(({ bytes: count }) => count))).toEqual(new Set([200_000]));
    await expect(store().verify(keyOf(bytes))).resolves.toBe('ok');
    await expect(store().put(keyOf(bytes), inPieces(randomBytes(9)), LIMIT)).rejects.toThrow(
      PayloadDigestMismatch,
    );
    await expect(store().verify(keyOf(bytes))).resolves.toBe('ok');
  });

  it('never comes to the end of bytes that are damaged, and takes the right ones again', async () => {
    const bytes = randomBytes(300_000);
    const { key } = await storing(store(), bytes);
    const damages: ((stored: Buffer) => Buffer)[] = [
      (stored) => stored.subarray(0, -1),
      (stored) => Buffer.concat([stored, Buffer.from('x')]),
      () => Buffer.alloc(0),
      (stored) => {
        stored[150_000] = (stored[150_000] as number) ^ 1;
        return stored;
      },
    ];
    for (const damage of damages) {
      await under().damage(key, damage);
      await expect(store().verify(key)).resolves.toBe('corrupt');
      await expect(store().read(key).then(buffer)).rejects.toThrow(PayloadCorrupt);
      // The damage is elsewhere.
      await expect(store().read(key, { start: 0, end: 9 }).then(buffer)).rejects.toThrow(PayloadCorrupt);
      await storing(store(), bytes);
      await expect(store().verify(key)).resolves.toBe('ok');
    }
  });

  it('says what cannot be read, and takes it again', async () => {
    const bytes = randomBytes(1000);
    const { key } = await storing(store(), bytes);
    await under().obstruct(key);
    const failing = store().verify(key);
    await expect(failing).rejects.toThrow(PayloadStoreUnavailable);
    const failure: unknown = await failing.catch((error: unknown) => error);
    await expect(unreadableReason(store(), failure)).resolves.toEqual(expect.any(String));
    await expect(store().put(key, inPieces(randomBytes(9)), LIMIT)).rejects.toThrow(PayloadDigestMismatch);
    await expect(storing(store(), bytes)).resolves.toEqual({ key, bytes: 1000 });
    await expect(store().verify(key)).resolves.toBe('ok');
    await expect(under().leftovers()).resolves.toEqual([]);
  });

  it('removes, and says what is missing', async () => {
    const { key } = await storing(store(), randomBytes(10));
    await store().delete(key);
    await store().delete(key);
    await expect(store().head(key)).resolves.toBeUndefined();
    await expect(store().verify(key)).resolves.toBe('missing');
    await expect(store().read(key)).rejects.toThrow(PayloadMissing);
  });

  it('lists what is stored in the order of the keys, and since when', async () => {
    // A store may tell of whole seconds only.
    const since = Math.floor(Date.now() / 1000) * 1000;
    const some = Array.from({ length: 30 }, (_, n) => randomBytes(n + 1));
    for (const bytes of some) await storing(store(), bytes);
    const all = await listed(store());
    for (const bytes of some) {
      const found = all.find(({ key }) => key === keyOf(bytes));
      expect(found).toEqual({
        key: keyOf(bytes),
        bytes: bytes.length,
        storedAt: expect.any(Number) as number,
      });
      expect(found?.storedAt).toBeGreaterThanOrEqual(since);
    }
    expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).sort());
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  });

  it('lets go of a stream nobody reads on', async () => {
    const { key } = await storing(store(), randomBytes(large));
    const unread = await store().read(key);
    unread.destroy();
    await once(unread, 'close');
    const begun = await store().read(key);
    await once(begun, 'readable');
    begun.destroy();
    await once(begun, 'close');
  });

  it.each([
    '',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(64)}\n`,
    `sha256:../../${'a'.repeat(58)}`,
    `sha256:${'a'.repeat(64)}/../x`,
    `md5:${'a'.repeat(64)}`,
    '../../etc/passwd',
  ])('takes nothing for a key that is none: %j', async (key) => {
    const refusal = PayloadKeyInvalid;
    await expect(store().put(key, inPieces(randomBytes(1)), LIMIT)).rejects.toThrow(refusal);
    await expect(store().head(key)).rejects.toThrow(refusal);
    await expect(store().read(key)).rejects.toThrow(refusal);
    await expect(store().verify(key)).rejects.toThrow(refusal);
    await expect(store().delete(key)).rejects.toThrow(refusal);
  });

  it('can be checked', async () => {
    await expect(store().check('write')).resolves.toBeUndefined();
    await expect(store().check('read')).resolves.toBeUndefined();
    await expect(under().leftovers()).resolves.toEqual([]);
  });
}
