import { openPayloadStore, type PayloadStore } from '@factflow/payloads';
import { Inject, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { PayloadMetrics } from './payload-metrics';
import { PAYLOAD_CONFIG, PAYLOAD_STORE, type PayloadConfig } from './payload-options';
import { PayloadsController } from './payloads.controller';
import { StorePayloadHandler } from './store-payload';
import { Uploads } from './uploads';

/** Takes the bytes of messages in. What is wrong with their store is no trouble of the events. */
@Module({})
export class PayloadsModule implements OnApplicationShutdown {
  constructor(@Inject(PAYLOAD_STORE) private readonly store: PayloadStore) {
    // The app starts without it: what is sent is answered with 503 until it can be used.
    store.check('write').catch((error: Error) => new Logger(PayloadsModule.name).warn(error.message));
  }

  static forRoot(config: PayloadConfig): DynamicModule {
    return {
      module: PayloadsModule,
      global: true,
      controllers: [PayloadsController],
      providers: [
        { provide: PAYLOAD_CONFIG, useValue: config },
        { provide: PAYLOAD_STORE, useFactory: () => openPayloadStore(config.payloadStore) },
        Uploads,
        PayloadMetrics,
        StorePayloadHandler,
      ],
      exports: [PAYLOAD_STORE, PayloadMetrics],
    };
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }
}
