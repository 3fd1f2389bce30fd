import { formatTime, timeNow } from '@factflow/domain';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Queue } from './backlog';
import type { PayloadShared } from './capture/payload-shipping';
import type { Control } from './control';
import type { LineageLogger } from './logger';
import type { Settings } from './options';
import { folderNameOf, thisProcess, type RecorderInfo } from '@factflow/journal';
import type { RingBounds } from './shared-ring';
import type { ShipperSettings } from './shipper';
import { serviceFolder } from './spool-folder';

/** What the shipping side is set up with; plain data, so that it can go to another thread. */
export interface ShippingSettings extends ShipperSettings {
  /** undefined when there is none to ship to */
  readonly endpoint: string | undefined;
  readonly token: string | undefined;
  readonly requestTimeoutMs: number;
  readonly structuredLog: string;
  readonly buffer: RingBounds;
  readonly spool: { readonly shared: string; readonly folder: string; readonly maxBytes: number } | undefined;
  readonly info: RecorderInfo;
}

/** What both sides share. */
export interface Shared {
  readonly control: Control;
  /** facts for the command app that are not on disk */
  readonly ring: Queue;
  /** facts for the structured log */
  readonly losses: Queue;
  readonly payloads: PayloadShared;
}

/** What the shipping side tells the recorder's. Nothing here throws. */
export interface ShippingEvents {
  readonly logger: LineageLogger;
  unavailable(reason: string): void;
  /** something was answered or given up */
  progress(): void;
}

/** @param target where events are shipped to; undefined for nowhere: then there is no spool either */
export function shippingSettings(
  recorderId: string,
  settings: Settings,
  target: string | undefined,
): ShippingSettings {
  const { endpoint, token, service, requestTimeoutMs, batch, retry, structuredLog, buffer } = settings;
  const shared =
    settings.spoolDirectory === undefined || target === undefined
      ? undefined
      : serviceFolder(settings.spoolDirectory, service, target);
  return {
    endpoint: endpoint?.href,
    token,
    requestTimeoutMs,
    batch,
    retry,
    structuredLog,
    buffer,
    spool:
      shared === undefined
        ? undefined
        : {
            shared,
            folder: join(shared, folderNameOf(recorderId, thisProcess())),
            maxBytes: settings.spool.maxBytes,
          },
    info: {
      recorderId,
      service,
      host: hostname(),
      pid: process.pid,
      startedAt: formatTime(timeNow()),
    },
  };
}
