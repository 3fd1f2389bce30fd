export { ExecutionExpectation, type ExecutionRef } from './execution-expectation';
export { MemorySink } from './memory.sink';
export {
  createLineageTwin,
  LineageTwin,
  type RecordFilter,
  type TwinExecution,
  type TwinPayload,
  type TwinRecord,
} from './lineage-twin';
export { type RecordDescription, type RecordRef } from './record-description';
export { RecordExpectation } from './record-expectation';
