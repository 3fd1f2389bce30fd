import createClient, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from './schema';

type Schemas = components['schemas'];

export type LineageRecord = Schemas['LineageRecord'];
export type FailedRecord = Schemas['FailedRecord'];
export type FailurePage = Schemas['FailurePage'];
/** Failures by what went wrong. */
export type FailureGroups = Schemas['FailureGroups'];
export type FailureGroup = Schemas['FailureGroup'];
export type RecordPage = Schemas['RecordPage'];
export type RecordStatus = Schemas['RecordStatus'];
export type Completion = Schemas['Completion'];
export type ErrorDetails = Schemas['ErrorDetails'];
export type Chain = Schemas['Chain'];
export type ChainRecord = Schemas['ChainRecord'];
/** A line of a chain streamed as `application/x-ndjson`. */
export type ChainLine = Schemas['ChainLine'];
/** The last line of a streamed chain that is not whole. */
export type ChainTruncation = Schemas['ChainTruncation'];
export type RecordEvent = Schemas['RecordEvent'];
export type EventPage = Schemas['EventPage'];
export type Stats = Schemas['Stats'];
export type Totals = Schemas['Totals'];
export type AdapterTotals = Schemas['AdapterTotals'];
export type Durations = Schemas['Durations'];
export type Execution = Schemas['Execution'];
/** One execution with what failed in it and what was replayed from it. */
export type ExecutionDetails = Schemas['ExecutionDetails'];
export type ExecutionPage = Schemas['ExecutionPage'];
export type ExecutionStatus = Schemas['ExecutionStatus'];
export type ExecutionCompletion = Schemas['ExecutionCompletion'];
/** What a diff of two executions says of all of it; the first line of a streamed one. */
export type DiffSummary = Schemas['DiffSummary'];
/** A message in both executions, or in one; the other lines of a streamed diff. */
export type DiffRow = Schemas['DiffRow'];
export type Diff = Schemas['Diff'];
export type DiffAttempt = Schemas['DiffAttempt'];
export type DiffClass = Schemas['DiffClass'];
/** Whether everything recorded of an execution has arrived. */
export type Completeness = Schemas['Completeness'];
export type CompletenessState = Schemas['CompletenessState'];
/** Bytes that a record names. */
export type Payload = Schemas['Payload'];
export type NamedPayload = Schemas['NamedPayload'];
export type NamedPayloadPage = Schemas['NamedPayloadPage'];
export type Recorder = Schemas['Recorder'];
export type RecorderPage = Schemas['RecorderPage'];
export type RecorderState = Schemas['RecorderState'];
/** An answer that is an error (RFC 9457). */
export type Problem = Schemas['ProblemDto'];
export type FieldError = Schemas['FieldErrorDto'];

type QueryOf<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;

export type ListRecordsQuery = QueryOf<'listRecords'>;
export type ListFailuresQuery = QueryOf<'listFailures'>;
export type ListExecutionsQuery = QueryOf<'listExecutions'>;
export type ListRecordersQuery = QueryOf<'listRecorders'>;
export type ChainQuery = QueryOf<'getChain'>;

export interface LineageClientOptions {
  /** Where the query app answers, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** Longest wait for the headers of an answer; default 30,000. The body of a stream may take as long as it likes. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/** Typed by path: `client.GET('/api/v1/lineage/{id}', { params: { path: { id } } })` gives `{ data, error, response }`. */
export type LineageClient = Client<paths>;

/**
 * A client of the query app. Calls answer with `data` or with `error`, a {@link Problem}; they reject when there is no
 * answer: with what `fetch` rejects with, and with a `TimeoutError` when it takes too long.
 */
export function createLineageClient(options: LineageClientOptions): LineageClient {
  const { token, timeoutMs = 30_000, fetch: send = fetch } = options;
  return createClient<paths>({
    baseUrl: options.url.replace(/\/+$/, ''),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    // Sets of statuses are separated by commas.
    querySerializer: { array: { style: 'form', explode: false } },
    fetch: (request) => fetchWithin(send, request, timeoutMs),
  });
}

/**
 * Sends a request, and waits for the headers of the answer only so long; its body may take as long as it likes.
 * @throws a `TimeoutError`, or what `send` rejects with
 */
export async function fetchWithin(
  send: typeof fetch,
  request: Request,
  timeoutMs: number,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  }, timeoutMs);
  try {
    return await send(request, { signal: AbortSignal.any([request.signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
