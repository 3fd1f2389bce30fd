import { Inject, Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What maintenance counts for `GET /metrics`. */
@Injectable()
export class MaintenanceMetrics {
  /** of all tables for a range of 30 days, as one */
  readonly partitionsMade: Counter;
  readonly partitionsDropped: Counter;
  readonly prunedExecutions: Counter;
  readonly prunedRecords: Counter;

  constructor(@Inject(Registry) registry: Registry) {
    const counter = (name: string, help: string): Counter =>
      new Counter({ name, help, registers: [registry] });
    this.partitionsMade = counter('factflow_partitions_made_total', 'Ranges that partitions were made for');
    this.partitionsDropped = counter(
      'factflow_partitions_dropped_total',
      'Ranges whose partitions were dropped by pruning',
    );
    this.prunedExecutions = counter('factflow_pruned_executions_total', 'Executions removed by pruning');
    this.prunedRecords = counter('factflow_pruned_records_total', 'Records removed by pruning');
  }
}
