import { Inject, Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What maintenance counts for `GET /metrics`. */
@Injectable()
export class MaintenanceMetrics {
  /** of all tables for a range of 30 days, as one */
  readonly partitionsMade: Counter;

  constructor(@Inject(Registry) registry: Registry) {
    const counter = (name: string, help: string): Counter =>
      new Counter({ name, help, registers: [registry] });
    this.partitionsMade = counter('factflow_partitions_made_total', 'Ranges that partitions were made for');
  }
}
