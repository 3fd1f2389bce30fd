export { MemorySink } from './memory.sink';
export { createLineageTwin, LineageTwin, type RecordFilter, type TwinRecord } from './lineage-twin';
