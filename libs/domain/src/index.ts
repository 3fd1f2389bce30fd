export { absenceOf, absencesOf, type Absence } from './absence';
export { canonicalJson, hashOf } from './canonical';
export {
  encodeCarried,
  LINEAGE_HEADER,
  LINEAGE_HEADER_CHARACTERS,
  LINEAGE_HEADER_VERSION,
  type CarriedRecord,
} from './carried';
export {
  COMPLETENESS_STATES,
  NO_RECORDER,
  completenessOf,
  type Completeness,
  type CompletenessState,
  type Coverage,
  type CoveredExecution,
  type MissingRange,
} from './completeness';
export { counted } from './counted';
export type { Problem, Rejection, RejectionCode } from './errors';
export {
  EVENT_TYPES,
  assertNever,
  compareEvents,
  isRecordEvent,
  type Decision,
  type ErrorInfo,
  type EventSource,
  type EventType,
  type ExecutionCancelled,
  type ExecutionCompleted,
  type ExecutionEvent,
  type ExecutionFailed,
  type ExecutionStarted,
  type ExecutionStartedData,
  type Json,
  type LineageEvent,
  type Metadata,
  type PayloadRef,
  type RecordCancelled,
  type RecordCompleted,
  type RecordEvent,
  type RecordFailed,
  type RecordRegistered,
  type RecordRegisteredData,
  type RecordStarted,
} from './events';
export {
  EXECUTION_STATUSES,
  ExecutionSum,
  emptyExecution,
  executionCompletionOf,
  executionStartedAt,
  type ExecutionCompletion,
  type ExecutionState,
  type ExecutionStatus,
} from './execution';
export { evolve, foldRecord } from './fold';
export { isId, newId, timeOfId } from './ids';
export { LIMITS } from './limits';
export { eventIdOf, parseEvent, type ParsedEvent } from './parse-event';
export { IdMap } from './id-map';
export {
  DEFAULT_CONTENT_TYPE,
  isContentType,
  isPayloadKey,
  payloadFromWire,
  payloadToWire,
  type WirePayload,
} from './payload-ref';
export { project, type JoinEdge, type Projection } from './projection';
export type { ProjectionSource } from './projection-source';
export {
  COMPLETIONS,
  RECORD_STATUSES,
  completionOf,
  emptyRecord,
  isDone,
  isSettled,
  isTerminal,
  parentIdsOf,
  recordKey,
  type Completion,
  type RecordKey,
  type RecordState,
  type RecordStatus,
  type TerminalStatus,
} from './record';
export {
  GONE_AFTER_MS,
  RECORDER_STATES,
  STUCK_AFTER_MS,
  applyHeartbeat,
  gapsOf,
  lostOf,
  recorderStateOf,
  rejectedOf,
  type Gaps,
  type Heartbeat,
  type Loss,
  type Recorder,
  type RecorderState,
} from './recorder';
export { sequencesOf, sizeOf, subtract, unite, type SequenceRange, type Sequences } from './sequences';
export {
  StatisticsSum,
  durationOf,
  emptyStatistics,
  statisticsKey,
  statisticsKeyOf,
  summariseDurations,
  type AdapterStatistics,
  type CountedCompletion,
  type DurationSummary,
  type StatisticsKey,
} from './statistics';
export { exceedsBytes, storableJson, storableText } from './text';
export { formatTime, parseTime } from './time';
export { dataFromWire, dataToJson, dataToWire, toLine, toWire, type WireEvent } from './wire';
