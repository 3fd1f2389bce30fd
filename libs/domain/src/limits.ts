/** What one event may hold. The recorder shortens to fit, the server rejects. Text is measured in UTF-8 bytes unless it says characters. */
export const LIMITS = Object.freeze({
  /** route, adapter, stage and execution names, error classes: Unicode characters */
  nameCharacters: 200,
  /** input and output hashes: Unicode characters */
  hashCharacters: 200,
  /** content type of a payload */
  contentTypeCharacters: 200,
  errorMessageBytes: 8 * 1024,
  tracebackBytes: 64 * 1024,
  /** reason of a cancellation */
  reasonBytes: 8 * 1024,
  /** metadata as JSON text */
  metadataBytes: 64 * 1024,
  /** objects and arrays inside each other in metadata */
  nesting: 64,
  joinedParents: 10_000,
  /** one event as JSON text, without the ids of `joined_parent_ids`: those have a limit of their own */
  eventBytes: 256 * 1024,
  /** events of one request */
  batchEvents: 10_000,
  /** one request, decompressed */
  batchBytes: 16 * 1024 * 1024,
  /** how long before the time in a version 7 execution id an event may have happened */
  beforeExecutionMs: 24 * 60 * 60 * 1000,
});
