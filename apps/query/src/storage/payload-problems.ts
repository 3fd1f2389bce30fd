import type { PayloadErrorCode } from '@factflow/payloads';

/** HTTP status of what can go wrong while bytes are read. */
export const PAYLOAD_STATUS_BY_CODE: Readonly<Partial<Record<PayloadErrorCode, number>>> = {
  payload_missing: 404,
  payload_corrupt: 500,
  payload_store_unavailable: 503,
};
