import type { PayloadErrorCode } from '@factflow/payloads';

/** HTTP status of what the payload store refuses or cannot do. */
export const PAYLOAD_STATUS_BY_CODE: Readonly<Record<PayloadErrorCode, number>> = {
  payload_key_invalid: 400,
  payload_digest_mismatch: 422,
  payload_too_large: 413,
  payload_missing: 404,
  payload_corrupt: 500,
  payload_store_unavailable: 503,
};
