import { openPayloadStore, type PayloadStore } from '@factflow/payloads';
import { Injectable } from '@nestjs/common';

@Injectable()
export class PayloadAccess {
  private opened: PayloadStore | undefined;
  store(): PayloadStore {
    this.opened ??= openPayloadStore('file:x');
    return this.opened;
  }
}
