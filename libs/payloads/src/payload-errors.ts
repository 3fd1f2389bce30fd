/** Why the store refuses or cannot. Codes are part of the contract: add, never rename. */
export type PayloadErrorCode =
  | 'payload_key_invalid'
  | 'payload_digest_mismatch'
  | 'payload_too_large'
  | 'payload_missing'
  | 'payload_corrupt'
  | 'payload_store_unavailable';

/** A failure of the payload store. */
export abstract class PayloadError extends Error {
  abstract readonly code: PayloadErrorCode;
}

/** What was given is no key. */
export class PayloadKeyInvalid extends PayloadError {
  override readonly name = 'PayloadKeyInvalid';
  readonly code = 'payload_key_invalid';

  constructor() {
    super('The key of a payload must be sha256: and 64 hex digits in lower case.');
  }
}

/** The bytes that came are not those of the key. */
export class PayloadDigestMismatch extends PayloadError {
  override readonly name = 'PayloadDigestMismatch';
  readonly code = 'payload_digest_mismatch';

  constructor(
    readonly key: string,
    readonly actual: string,
  ) {
    super(`The bytes are not those of ${key}: their digest is ${actual}. Nothing was stored.`);
  }
}

/** More bytes came than are taken. */
export class PayloadTooLarge extends PayloadError {
  override readonly name = 'PayloadTooLarge';
  readonly code = 'payload_too_large';

  constructor(readonly maxBytes: number) {
    super(`A payload may hold ${maxBytes} bytes. Nothing was stored.`);
  }
}

/** There are no bytes of this key. */
export class PayloadMissing extends PayloadError {
  override readonly name = 'PayloadMissing';
  readonly code = 'payload_missing';

  constructor(readonly key: string) {
    super(`The payload store has no bytes of ${key}.`);
  }
}

/** The bytes in the store are not what was stored. */
export class PayloadCorrupt extends PayloadError {
  override readonly name = 'PayloadCorrupt';
  readonly code = 'payload_corrupt';

  constructor(
    readonly key: string,
    readonly actual: string,
  ) {
    super(
      `The bytes that the payload store has of ${key} are damaged: their digest is ${actual}. Storing the right ones again puts it right.`,
    );
  }
}

/** The store cannot be used now; the message says why, and what to do. */
export class PayloadStoreUnavailable extends PayloadError {
  override readonly name = 'PayloadStoreUnavailable';
  readonly code = 'payload_store_unavailable';

  constructor(store: string, reason: string, advice: string, cause?: unknown) {
    super(`The payload store ${store} cannot be used: ${reason}. ${advice}`, { cause });
  }
}
