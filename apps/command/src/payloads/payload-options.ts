import type { CommandConfig } from '../config';

/** What of the configuration is about payloads. */
export type PayloadConfig = Pick<CommandConfig, 'payloadStore' | 'payloadMaxBytes'>;

/** Injects a {@link PayloadConfig}. */
export const PAYLOAD_CONFIG = Symbol('PAYLOAD_CONFIG');

/** Injects the store. */
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');
