import type { CommandConfig } from '../config';

/** What of the configuration is about payloads. */
export interface PayloadConfig extends Pick<CommandConfig, 'payloadStore' | 'payloadMaxBytes'> {
  /** how long an upload may bring no byte; only specs have it otherwise */
  readonly uploadIdleMs?: number | undefined;
}

/** Injects a {@link PayloadConfig}. */
export const PAYLOAD_CONFIG = Symbol('PAYLOAD_CONFIG');

/** Injects the store. */
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');
