import { openPayloadStore } from '@factflow/payloads';

/** Injects the store. */
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');
export { openPayloadStore };
