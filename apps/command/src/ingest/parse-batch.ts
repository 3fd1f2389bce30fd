import { eventIdOf, isId, LIMITS, parseEvent, type LineageEvent, type Rejection } from '@factflow/domain';
import { ProblemError } from '@factflow/server';
import type { ArrivedEvent } from '@factflow/store';

/** The events of a request that can be stored, with their places in it, and those that cannot. */
export interface Batch {
  readonly events: readonly LineageEvent[];
  /** for each of `events`: its element or line, from 0 */
  readonly indexes: readonly number[];
  readonly rejected: readonly Rejection[];
  /** of those rejected here: which events they were, where that can be read */
  readonly refused: readonly ArrivedEvent[];
}

/** How a request holds its events. */
export type BatchFormat = 'ndjson' | 'array';

/**
 * Reads the events of a request. Each is judged alone: a broken line costs only itself.
 * @throws ProblemError 400 for a broken array, 413 for too many events
 */
export function parseBatch(text: string, format: BatchFormat): Batch {
  const batch: Sorted = { events: [], indexes: [], rejected: [], refused: [] };
  if (format === 'array') {
    const values = parseArray(text);
    if (values.length > LIMITS.batchEvents) throw tooMany();
    values.forEach((value, index) => sort(value, index, batch));
  } else {
    let count = 0;
    let index = 0;
    for (const line of linesOf(text)) {
      if (line.trim() !== '') {
        if (++count > LIMITS.batchEvents) throw tooMany();
        sortLine(line, index, batch);
      }
      index += 1;
    }
  }
  return batch;
}

interface Sorted {
  readonly events: LineageEvent[];
  readonly indexes: number[];
  readonly rejected: Rejection[];
  readonly refused: ArrivedEvent[];
}

function sort(value: unknown, index: number, { events, indexes, rejected, refused }: Sorted): void {
  const { event, problem } = parseEvent(value);
  if (problem) {
    rejected.push({ index, eventId: eventIdOf(value), ...problem });
    const known = refusedEvent(value);
    if (known) refused.push(known);
    return;
  }
  events.push(event);
  indexes.push(index);
}

/** The execution and the source of an event that is not valid, as far as they are. */
function refusedEvent(value: unknown): ArrivedEvent | undefined {
  const { execution_id: executionId, source } = (value ?? {}) as Record<string, unknown>;
  const { recorder_id: recorderId, sequence } = (source ?? {}) as Record<string, unknown>;
  const isIdText = (text: unknown): text is string => typeof text === 'string' && isId(text);
  if (!isIdText(executionId) || !isIdText(recorderId)) return undefined;
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined;
  return {
    executionId: executionId.toLowerCase(),
    type: undefined,
    source: { recorderId: recorderId.toLowerCase(), sequence: sequence as number },
  };
}

function sortLine(line: string, index: number, sorted: Sorted): void {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    sorted.rejected.push({ index, eventId: null, code: 'malformed_json', message: 'the line is not JSON' });
    return;
  }
  sort(value, index, sorted);
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? undefined : end);
    if (end === -1) return;
    start = end + 1;
  }
}

function parseArray(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(
      'is not JSON; send one event a line as application/x-ndjson to have only broken events rejected',
    );
  }
  if (!Array.isArray(value)) throw malformed('must be a JSON array of events');
  return value;
}

const malformed = (message: string): ProblemError =>
  new ProblemError({
    status: 400,
    code: 'malformed_json',
    detail: `The body ${message}. Nothing of it was stored.`,
    errors: [{ field: 'body', message }],
  });

const tooMany = (): ProblemError =>
  new ProblemError({
    status: 413,
    code: 'too_many_events',
    detail: `A request may hold ${LIMITS.batchEvents} events; send them in smaller batches.`,
  });
