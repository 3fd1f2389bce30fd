import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { checkedDownload, checkedUpload, digestOf, drained } from './checked';
import { PayloadCorrupt, PayloadError, PayloadMissing } from './payload-errors';
import type { ByteRange, ListedPayload, PayloadStore, StoredPayload } from './payload-store';
import { isMissing, isUnsupported, unavailable } from './s3-errors';
import type { S3Location } from './s3-location';
import { hasWhole } from './unreadable';
import { UploadBody } from './upload-body';

// Objects `<prefix>sha256/<64 digits>`. An upload is one request, or one of several parts that is completed at its end:
// either way the object is there when all of it has come, and what is refused before its end never is.

/** Parts of an upload; one at a time, so that a payload on its way takes two of them at most. */
const PART_BYTES = 5 * 1024 ** 2;
const CONNECT_TIMEOUT_MS = 3000;
const IDLE_TIMEOUT_MS = 15_000;

type Sdk = typeof import('@aws-sdk/client-s3');

/** Payloads as objects of a bucket. Credentials are looked for where the AWS client library does. */
export class S3PayloadStore implements PayloadStore {
  readonly name: string;
  private readonly folder: string;
  private opening: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  constructor(private readonly location: S3Location) {
    const { bucket, prefix, endpoint } = location;
    this.name = `s3://${bucket}/${prefix}${endpoint === undefined ? '' : ` at ${endpoint}`}`;
    this.folder = `${prefix}sha256/`;
  }

  async put(key: string, source: Readable, { maxBytes }: { maxBytes: number }): Promise<StoredPayload> {
    const place = this.placeOf(key);
    const incoming = checkedUpload(key, source.iterator({ destroyOnReturn: false }), maxBytes);
    if (await hasWhole(this, key)) return { key, bytes: await drained(incoming) };
    const body = new UploadBody(incoming);
    await this.using(async () => {
      const { client } = await this.open();
      const { Upload } = await import('@aws-sdk/lib-storage');
      const params = {
        Bucket: this.location.bucket,
        Key: place,
        Body: Readable.from(body, { objectMode: false }),
      };
      // Where the bytes are refused, whether the upload could be called off as well is another matter.
      await new Upload({ client, params, partSize: PART_BYTES, queueSize: 1 })
        .done()
        .catch((error: unknown) => {
          throw body.failure ?? error;
        });
    }, body);
    const { bytes } = body;
    return { key, bytes };
  }

  async head(key: string): Promise<StoredPayload | undefined> {
    const Key = this.placeOf(key);
    return this.using(async () => {
      const { sdk, client } = await this.open();
      try {
        const found = await client.send(new sdk.HeadObjectCommand({ Bucket: this.location.bucket, Key }));
        return { key, bytes: found.ContentLength ?? 0 };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const body = await this.get(key);
    if (!body) throw new PayloadMissing(key);
    const stream = Readable.from(checkedDownload(key, this.chunksOf(body), range), { objectMode: false });
    // A generator that was never asked for anything does not end what it reads from.
    stream.once('close', () => body.destroy());
    return stream;
  }

  async verify(key: string): Promise<'ok' | 'missing' | 'corrupt'> {
    const body = await this.get(key);
    if (!body) return 'missing';
    try {
      await drained(checkedDownload(key, this.chunksOf(body)));
      return 'ok';
    } catch (error) {
      if (error instanceof PayloadCorrupt) return 'corrupt';
      throw error;
    } finally {
      body.destroy();
    }
  }

  async delete(key: string): Promise<void> {
    const Key = this.placeOf(key);
    await this.using(async () => {
      const { sdk, client } = await this.open();
      await client.send(new sdk.DeleteObjectCommand({ Bucket: this.location.bucket, Key }));
    });
  }

  async *list(): AsyncGenerator<ListedPayload> {
    for (let after: string | undefined, more = true; more;) {
      const page = await this.using(async () => {
        const { sdk, client } = await this.open();
        const request = { Bucket: this.location.bucket, Prefix: this.folder, StartAfter: after };
        return client.send(new sdk.ListObjectsV2Command(request));
      });
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        after = Key;
        const digest = Key.slice(this.folder.length);
        if (!/^[0-9a-f]{64}$/.test(digest)) continue;
        yield { key: `sha256:${digest}`, bytes: Size, storedAt: LastModified?.getTime() ?? 0 };
      }
      more = page.IsTruncated === true;
    }
  }

  /** Ends uploads in parts that nobody goes on with. Where the store does not tell of them, its own rules have to. */
  async removeLeftovers(before: number): Promise<number> {
    return this.using(async () => {
      const { sdk, client } = await this.open();
      const Bucket = this.location.bucket;
      const listing = new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: this.folder });
      const { Uploads = [] } = await client.send(listing).catch((error: unknown) => {
        if (isUnsupported(error)) return { Uploads: [] };
        throw error;
      });
      const old = Uploads.filter(({ Initiated }) => Initiated !== undefined && Initiated.getTime() < before);
      for (const { Key, UploadId } of old)
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      return old.length;
    });
  }

  async check(use: 'read' | 'write'): Promise<void> {
    await this.using(async () => {
      const { sdk, client } = await this.open();
      const Bucket = this.location.bucket;
      await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: this.folder }));
      if (use === 'read') return;
      const Key = `${this.location.prefix}probe-${randomUUID()}`;
      await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'probe' }));
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
    });
  }

  async close(): Promise<void> {
    const opened = await this.opening?.catch(() => undefined);
    opened?.client.destroy();
  }

  private placeOf(key: string): string {
    return this.folder + digestOf(key);
  }

  private get(key: string): Promise<Readable | undefined> {
    const Key = this.placeOf(key);
    return this.using(async () => {
      const { sdk, client } = await this.open();
      try {
        const found = await client.send(new sdk.GetObjectCommand({ Bucket: this.location.bucket, Key }));
        return found.Body as Readable | undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  private async *chunksOf(body: Readable): AsyncGenerator<Uint8Array> {
    try {
      yield* body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw unavailable(this.name, error);
    }
  }

  /** The library is large: apps that keep payloads as files never load it. */
  private open(): Promise<{ sdk: Sdk; client: S3Client }> {
    this.opening ??= this.connect();
    return this.opening;
  }

  private async connect(): Promise<{ sdk: Sdk; client: S3Client }> {
    const { region, endpoint } = this.location;
    const sdk = await import('@aws-sdk/client-s3');
    const client = new sdk.S3Client({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      maxAttempts: 2,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
      // Other makes of S3 do not know them all; the digest is checked here.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return { sdk, client };
  }

  /** @param body what is sent: its own failures are none of the store */
  private async using<T>(work: () => Promise<T>, body?: UploadBody): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof PayloadError || error === body?.failure ? error : unavailable(this.name, error);
    }
  }
}
