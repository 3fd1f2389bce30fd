export { JOURNAL_START, readCheckpoint, writeCheckpoint, type JournalPosition } from './checkpoint';
export { JournalReader, type JournalLine, type JournalReaderOptions } from './journal-reader';
export { JournalWriter, type JournalWriterOptions } from './journal-writer';
export { readLine } from './line';
export { createPrivateFile, makePrivateFolder, openPrivateFile } from './private-files';
export {
  readSegment,
  type Budget,
  type JournalFault,
  type SegmentLine,
  type SegmentPart,
} from './segment-reader';
export { listSegments, segmentPath } from './segments';
