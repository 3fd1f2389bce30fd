import type { RecordEvent } from './events';
import type { ExecutionState } from './execution';
import type { RecordKey, RecordState } from './record';
import type { AdapterStatistics, StatisticsKey } from './statistics';

/** Where the projection reads what is already there. Every method takes all keys at once. */
export interface ProjectionSource {
  /** the rows of these records and of their parents, as far as they exist */
  withParents(keys: readonly RecordKey[]): Promise<RecordState[]>;
  /** the rows of these records, and further up through terminal ones as far as seems useful */
  ancestors(keys: readonly RecordKey[]): Promise<RecordState[]>;
  /** all events stored about these records, those of the batch included */
  eventsOf(keys: readonly RecordKey[]): Promise<RecordEvent[]>;
  executions(ids: readonly string[]): Promise<ExecutionState[]>;
  statistics(keys: readonly StatisticsKey[]): Promise<AdapterStatistics[]>;
}
