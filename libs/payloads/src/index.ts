export { defaultPayloadStore, openPayloadStore, payloadStoreUrl } from './open-payload-store';
export {
  PayloadCorrupt,
  PayloadDigestMismatch,
  PayloadError,
  PayloadKeyInvalid,
  PayloadMissing,
  PayloadStoreUnavailable,
  PayloadTooLarge,
  type PayloadErrorCode,
} from './payload-errors';
export { unreadableReason } from './unreadable';
export type { ByteRange, ListedPayload, PayloadStore, StoredPayload } from './payload-store';
