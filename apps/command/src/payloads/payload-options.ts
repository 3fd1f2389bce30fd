import type { CommandConfig } from '../config';
import type { UploadLimits } from './arriving';

/** What of the configuration is about payloads. */
export interface PayloadConfig extends Pick<CommandConfig, 'payloadStore' | 'payloadMaxBytes'> {
  /** only specs have them otherwise */
  readonly uploadLimits?: Partial<UploadLimits> | undefined;
}

/** Injects a {@link PayloadConfig}. */
export const PAYLOAD_CONFIG = Symbol('PAYLOAD_CONFIG');

/** Injects the store. */
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');
