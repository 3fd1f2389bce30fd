export { arbitraryHistory, type History } from './testing/history';
export {
  registered,
  started,
  completed,
  failed,
  cancelled,
  executionEnded,
  executionStarted,
  eventAt,
  aPayload,
  anId,
} from './testing/builders';
export { expectedRows, rowsOf, type Rows } from './testing/expected-rows';
export { InMemoryRows } from './testing/in-memory-rows';
