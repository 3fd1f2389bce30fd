import type { Readable } from 'node:stream';

/** Bytes that are in the store. */
export interface StoredPayload {
  /** `sha256:<64 hex>`, their digest */
  readonly key: string;
  readonly bytes: number;
}

/** What a list says of bytes. */
export interface ListedPayload extends StoredPayload {
  /** when they came into the store, in milliseconds since 1970 */
  readonly storedAt: number;
}

/** Bytes `start` to `end`, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where payloads are kept, under their digests. Nothing is visible before it is whole and verified, and nothing is ever
 * changed. Every method refuses what is no key with PayloadKeyInvalid, and fails with PayloadStoreUnavailable where the
 * store cannot be used now.
 */
export interface PayloadStore {
  /** what it is, for messages; without credentials */
  readonly name: string;
  /**
   * Stores bytes. What is there already is not written again; the digest is verified all the same.
   * @param source left open when it is refused: its owner ends it
   * @throws PayloadDigestMismatch when the bytes are not those of the key, PayloadTooLarge; nothing is stored then
   */
  put(key: string, source: Readable, options: { readonly maxBytes: number }): Promise<StoredPayload>;
  head(key: string): Promise<StoredPayload | undefined>;
  /**
   * The bytes, all of them or a range within. Either way all are read and verified: the stream fails with PayloadCorrupt
   * before it hands out its last piece, so that what ends well is right.
   * @throws PayloadMissing
   */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Reads the bytes and holds them against the key, in constant memory. */
  verify(key: string): Promise<'ok' | 'missing' | 'corrupt'>;
  /** Removes bytes, if they are there. */
  delete(key: string): Promise<void>;
  /** Everything that is stored, in the order of the keys. */
  list(): AsyncIterable<ListedPayload>;
  /** Removes what uploads left behind that ended before they were whole. @param before milliseconds since 1970 @returns how many */
  removeLeftovers(before: number): Promise<number>;
  /** @throws PayloadStoreUnavailable saying what to do when the store cannot be read, or written */
  check(use: 'read' | 'write'): Promise<void>;
  close(): Promise<void>;
}
