export { append, appendToLane, type AppendOutcome, type AppendResult } from './append';
export { ArrivedSequences, type Arrival, type ArrivedEvent } from './arrived-sequences';
export { differencesOf, timeOfText, type FieldDifference, type RowTexts } from './compare-rows';
export { createDataSource, INGEST_SETTINGS, type StoreOptions } from './data-source';
export { isDatabaseUnavailable, sqlState } from './database-errors';
export { KnownRows } from './known-rows';
export { laneOf } from './lanes';
export { isMigrated, migrate } from './migrate';
export {
  ensurePartitions,
  ensurePartitionsAhead,
  PARTITION_MS,
  partitionRanges,
  type PartitionRange,
  type Partitions,
} from './partitions';
export {
  contentTypeOf,
  enterPayload,
  forgetPayloads,
  markUnnamed,
  payloadKeys,
  removeUnnamed,
  type EntryOutcome,
  type PayloadEntry,
  type RemovedPayloads,
} from './payloads';
export { pinExecution, unpinExecution, type Pin, type PinOutcome } from './pins';
export { prune, PruneRunningError, type PruneProgress, type PruneRequest, type PruneSummary } from './prune';
export type { PruneCounts, PruneTrigger } from './prune-audit';
export type { PruneLimits } from './prune-fates';
export { executionIds, rebuildExecution } from './rebuild';
export { fromMultirange } from './multirange';
export { recorderFromRow, recordHeartbeat, RECORDER_COLUMNS, type RecorderRow } from './recorders';
export { JOINS, RECORDS } from './record-rows';
export { EXECUTIONS, STATISTICS } from './rows';
export { clientOf, run, type Statement } from './statement';
export { columnsOf, type Table } from './table';
export { writeCoverage } from './write-coverage';
