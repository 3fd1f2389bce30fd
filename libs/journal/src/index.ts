export { readAnswered, readCheckpoint, writeCheckpoint, type JournalPosition } from './checkpoint';
export { JournalReader, type JournalLine, type JournalReaderOptions } from './journal-reader';
export { JournalWriter, type JournalWriterOptions } from './journal-writer';
export { MAX_LINE_BYTES, partsOf, readLine, type LinePart } from './line';
export {
  createMemoryMark,
  MemoryMark,
  readLeftInMemory,
  type LeftInMemory,
  type MemoryNote,
} from './memory-mark';
export { folderNameOf, isRunning, NOBODY, readFolderName, thisProcess, type Owner } from './owner';
export {
  contentTypeOf,
  countPayloads,
  hasPayloads,
  listPayloads,
  makePayloadFolder,
  openPayloadFile,
  payloadFolder,
  payloadPath,
  writePayloadFile,
  type OpenPayload,
  type PayloadFile,
  type PayloadKind,
} from './payload-files';
export { createPrivateFile, makeFolders, makePrivateFolder, openPrivateFile } from './private-files';
export { recorderEnd, type FoundOfRecorder } from './recorder-end';
export {
  ownerStateOf,
  readRecorderInfo,
  readRecorderLast,
  RECORDER_FILE,
  touchedAt,
  writeRecorderLast,
  type OwnerState,
  type RecorderInfo,
  type RecorderLast,
} from './recorder-folder';
export {
  readSegment,
  type Budget,
  type JournalFault,
  type SegmentLine,
  type SegmentPart,
} from './segment-reader';
export { listSegments, segmentPath } from './segments';
