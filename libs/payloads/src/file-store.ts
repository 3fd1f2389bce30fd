import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, rm, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { checkedDownload, checkedUpload, digestOf, drained } from './checked';
import {
  codeOf,
  createFile,
  FOLDER,
  ifAbsent,
  isFolder,
  openFile,
  replace,
  syncFolder,
  writeAll,
} from './files';
import { PayloadCorrupt, PayloadError, PayloadMissing, PayloadStoreUnavailable } from './payload-errors';
import type { ByteRange, ListedPayload, PayloadStore, StoredPayload } from './payload-store';
import { hasWhole } from './unreadable';

// A folder holds `sha256/<first two digits>/<64 digits>`, one file for each payload, and `incoming/`, where uploads are
// written. An upload becomes visible by its rename, after its bytes are on the disk. All of it belongs to one user and
// nobody else reads it; links are not followed.

const SHARD = /^[0-9a-f]{2}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const ADVICE = 'Let FACTFLOW_PAYLOAD_STORE name a folder with room that the user of the app can write to.';

/** Payloads as files of a folder. */
export class FilePayloadStore implements PayloadStore {
  readonly name: string;
  private readonly incoming: string;
  private readonly stored: string;

  /** @param folder made when something is stored */
  constructor(folder: string) {
    this.name = `file:${folder}`;
    this.incoming = join(folder, 'incoming');
    this.stored = join(folder, 'sha256');
  }

  async put(key: string, source: Readable, { maxBytes }: { maxBytes: number }): Promise<StoredPayload> {
    const place = this.placeOf(key);
    const incoming = checkedUpload(key, source.iterator({ destroyOnReturn: false }), maxBytes);
    if (await hasWhole(this, key)) {
      const bytes = await drained(incoming);
      // Another upload may have made it visible a moment ago.
      await syncFolder(dirname(place));
      return { key, bytes };
    }
    const temporary = join(this.incoming, `${digestOf(key)}.${randomUUID()}`);
    try {
      const bytes = await this.write(temporary, incoming);
      await this.using(() => this.makeVisible(temporary, place));
      return { key, bytes };
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async head(key: string): Promise<StoredPayload | undefined> {
    const found = await this.statOf(this.placeOf(key));
    return found && { key, bytes: found.size };
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const handle = await this.openToRead(key);
    if (!handle) throw new PayloadMissing(key);
    const stream = Readable.from(checkedDownload(key, this.chunksOf(handle), range), { objectMode: false });
    // A generator that was never asked for anything does not end what it reads from.
    stream.once('close', () => void handle.close().catch(() => undefined));
    return stream;
  }

  async verify(key: string): Promise<'ok' | 'missing' | 'corrupt'> {
    const handle = await this.openToRead(key);
    if (!handle) return 'missing';
    try {
      await drained(checkedDownload(key, this.chunksOf(handle)));
      return 'ok';
    } catch (error) {
      if (error instanceof PayloadCorrupt) return 'corrupt';
      throw error;
    } finally {
      await handle.close();
    }
  }

  async delete(key: string): Promise<void> {
    const place = this.placeOf(key);
    await this.using(async () => {
      // A folder holds no bytes of ours.
      if (!(await isFolder(place))) await rm(place, { force: true });
    });
  }

  async *list(): AsyncGenerator<ListedPayload> {
    for (const shard of await this.namesIn(this.stored, SHARD)) {
      for (const digest of await this.namesIn(join(this.stored, shard), DIGEST)) {
        const found = digest.startsWith(shard) && (await this.statOf(join(this.stored, shard, digest)));
        if (found) yield { key: `sha256:${digest}`, bytes: found.size, storedAt: found.mtimeMs };
      }
    }
  }

  async removeLeftovers(before: number): Promise<number> {
    let removed = 0;
    for (const name of await this.namesIn(this.incoming, /^/)) {
      const path = join(this.incoming, name);
      const found = await this.statOf(path);
      if (!found || found.mtimeMs >= before) continue;
      await this.using(() => rm(path, { force: true }));
      removed += 1;
    }
    return removed;
  }

  async check(use: 'read' | 'write'): Promise<void> {
    await this.using(async () => {
      // Nothing may have been stored yet.
      if (use === 'read') return void (await this.namesIn(this.stored, SHARD));
      await mkdir(this.stored, FOLDER);
      await mkdir(this.incoming, FOLDER);
      const probe = join(this.incoming, `probe.${randomUUID()}`);
      await (await createFile(probe)).close();
      await unlink(probe);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private placeOf(key: string): string {
    const digest = digestOf(key);
    return join(this.stored, digest.slice(0, 2), digest);
  }

  /** Only what goes wrong with the file is a failure of the store: bytes may be refused, and clients go away. */
  private async write(path: string, bytes: AsyncGenerator<Uint8Array, number, undefined>): Promise<number> {
    const handle = await this.using(async () => {
      await mkdir(this.incoming, FOLDER);
      return createFile(path);
    });
    try {
      for (;;) {
        const { done, value } = await bytes.next();
        if (done) {
          await this.using(() => handle.sync());
          return value;
        }
        await this.using(() => writeAll(handle, value));
      }
    } finally {
      await handle.close();
    }
  }

  private async makeVisible(temporary: string, place: string): Promise<void> {
    const shard = dirname(place);
    const made = await mkdir(shard, FOLDER);
    await replace(temporary, place);
    await syncFolder(shard);
    if (made === undefined) return;
    // The folders above know of the ones that were made.
    for (let folder = shard; folder !== dirname(made);) await syncFolder((folder = dirname(folder)));
  }

  private async openToRead(key: string): Promise<FileHandle | undefined> {
    const place = this.placeOf(key);
    return this.using(() => openFile(place).catch(ifAbsent));
  }

  private async *chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
    const source = handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024, start: 0 });
    try {
      yield* source as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  /** The names in a folder in order; none where there is no folder. */
  private async namesIn(folder: string, pattern: RegExp): Promise<string[]> {
    const names = await this.using(() => readdir(folder).catch(ifAbsent));
    return (names ?? []).filter((name) => pattern.test(name)).sort();
  }

  private async statOf(path: string): Promise<Stats | undefined> {
    const found = await this.using(() => lstat(path).catch(ifAbsent));
    return found?.isFile() ? found : undefined;
  }

  private async using<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  private unavailable(error: unknown): unknown {
    return codeOf(error) === undefined || error instanceof PayloadError
      ? error
      : new PayloadStoreUnavailable(this.name, (error as Error).message, ADVICE, error);
  }
}
