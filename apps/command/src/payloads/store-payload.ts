import { PayloadTooLarge, type PayloadStore } from '@factflow/payloads';
import { ProblemError } from '@factflow/server';
import { enterPayload, type EntryOutcome, type PayloadEntry } from '@factflow/store';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Database } from '../database/database';
import { PAYLOAD_CONFIG, PAYLOAD_STORE, type PayloadConfig } from './payload-options';
import { PayloadMetrics } from './payload-metrics';
import { Uploads } from './uploads';

/** Bytes that are stored. */
export interface PayloadStored {
  readonly bytes: number;
  /** whether they were not there before */
  readonly isNew: boolean;
}

/** Stores the bytes of a message under their digest. */
export class StorePayload extends Command<PayloadStored> {
  constructor(
    readonly key: string,
    readonly contentType: string,
    readonly body: Readable,
    /** how many bytes are said to come; 0: not said */
    readonly announcedBytes: number,
  ) {
    super();
  }
}

/** How long a removal may be at work before the client is asked to come again. */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 50;

const sendAgain = (detail: string): ProblemError =>
  new ProblemError({ status: 503, code: 'unavailable', detail }, { 'retry-after': '1' });

@CommandHandler(StorePayload)
export class StorePayloadHandler implements ICommandHandler<StorePayload> {
  constructor(
    private readonly database: Database,
    private readonly uploads: Uploads,
    private readonly metrics: PayloadMetrics,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
    @Inject(PAYLOAD_CONFIG) private readonly config: PayloadConfig,
  ) {}

  execute({ key, contentType, body, announcedBytes }: StorePayload): Promise<PayloadStored> {
    const { payloadMaxBytes: maxBytes } = this.config;
    if (announcedBytes > maxBytes) throw new PayloadTooLarge(maxBytes);
    return this.uploads.run(async () => {
      // Before bytes are taken that nothing could be said of.
      await this.database.writable();
      const { bytes } = await this.store.put(key, body, { maxBytes });
      const isNew = (await this.enter({ key, bytes, contentType })) === 'stored';
      if (isNew) this.metrics.hasStored(bytes);
      return { bytes, isNew };
    });
  }

  /** Says of bytes that are in the store that they are. Were they removed meanwhile, they have to come again. */
  private async enter(entry: PayloadEntry): Promise<EntryOutcome> {
    const dataSource = await this.database.writable();
    for (let tries = 0; tries < BUSY_TRIES; tries += 1) {
      const outcome = await enterPayload(dataSource, entry, () => this.has(entry.key));
      if (outcome === 'gone') throw sendAgain('The payload was removed while it was sent; send it again.');
      if (outcome !== 'busy') return outcome;
      await pause(BUSY_PAUSE_MS);
    }
    throw sendAgain('Payloads are being removed; send it again.');
  }

  private has = async (key: string): Promise<boolean> => (await this.store.head(key)) !== undefined;
}
