import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import type { PendingBytes } from './pending-bytes';

/** What ingest counts for `GET /metrics`. */
@Injectable()
export class IngestMetrics {
  /** by outcome: accepted, duplicate, or the code of the rejection */
  readonly events: Counter;
  readonly overturned: Counter;

  constructor(private readonly registry: Registry) {
    this.events = new Counter({
      name: 'factflow_ingest_events_total',
      help: 'Events received, by outcome',
      labelNames: ['outcome'] as const,
      registers: [registry],
    });
    this.overturned = new Counter({
      name: 'factflow_records_overturned_total',
      help: 'Records folded again because an earlier event overturned a decision',
      registers: [registry],
    });
  }

  /** Shows how many bytes wait. */
  watch(pending: PendingBytes): void {
    new Gauge({
      name: 'factflow_ingest_pending_bytes',
      help: 'Decompressed bytes of the requests in the process',
      registers: [this.registry],
      collect() {
        this.set(pending.bytes);
      },
    });
  }
}
