import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Uploads } from './uploads';

/** What is counted of payloads for `GET /metrics`. */
@Injectable()
export class PayloadMetrics {
  private readonly stored: Counter;
  private readonly storedBytes: Counter;
  private readonly removed: Counter;
  private readonly removedBytes: Counter;
  /** rows of bytes that the store has no longer */
  readonly lost: Counter;
  /** bytes without a row, as an upload leaves them that is cut off at its end */
  readonly found: Counter;

  constructor(registry: Registry, uploads: Uploads) {
    const counter = (name: string, help: string): Counter =>
      new Counter({ name, help, registers: [registry] });
    this.stored = counter('factflow_payloads_stored_total', 'Payloads stored, each once');
    this.storedBytes = counter('factflow_payload_bytes_stored_total', 'Bytes of these payloads');
    this.removed = counter(
      'factflow_payloads_removed_total',
      'Payloads removed that no record had named for a day',
    );
    this.removedBytes = counter('factflow_payload_bytes_removed_total', 'Bytes of these payloads');
    this.lost = counter(
      'factflow_payloads_lost_total',
      'Payloads that were gone from the store without being removed',
    );
    this.found = counter(
      'factflow_payloads_found_total',
      'Payloads found in the store that nothing was known of',
    );
    new Gauge({
      name: 'factflow_payload_uploads',
      help: 'Payloads on their way into the store',
      registers: [registry],
      collect() {
        this.set(uploads.running);
      },
    });
  }

  hasStored(bytes: number): void {
    this.stored.inc();
    this.storedBytes.inc(bytes);
  }

  hasRemoved({ payloads, bytes }: { payloads: number; bytes: number }): void {
    this.removed.inc(payloads);
    this.removedBytes.inc(bytes);
  }
}
