import { openPayloadStore, type PayloadStore } from '@factflow/payloads';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import type { QueryConfig } from '../config';

/** Injects the payload store. */
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');

/** Says at the start when the store cannot be read; everything else is answered all the same. */
@Injectable()
class PayloadStoreCare implements OnApplicationShutdown {
  constructor(@Inject(PAYLOAD_STORE) private readonly store: PayloadStore) {
    store.check('read').catch((error: Error) => new Logger('PayloadStore').warn(error.message));
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }
}

export const payloadStoreProviders = ({ payloadStore }: QueryConfig): Provider[] => [
  { provide: PAYLOAD_STORE, useFactory: () => openPayloadStore(payloadStore) },
  PayloadStoreCare,
];
