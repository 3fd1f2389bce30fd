export { append, appendToLane, type AppendOutcome, type AppendResult } from './append';
export { createDataSource, INGEST_SETTINGS, type StoreOptions } from './data-source';
export { isDatabaseUnavailable } from './database-errors';
export { laneOf, LANES } from './lanes';
export { isMigrated, migrate } from './migrate';
export {
  ensurePartitions,
  PARTITION_MS,
  partitionRanges,
  type PartitionRange,
  type Partitions,
} from './partitions';
export { pinExecution, unpinExecution, type Pin, type PinOutcome } from './pins';
export { executionIds, rebuildExecution } from './rebuild';
