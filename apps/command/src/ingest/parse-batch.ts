import { eventIdOf, LIMITS, parseEvent, type LineageEvent, type Rejection } from '@factflow/domain';
import { ProblemError } from '@factflow/server';

/** The events of a request that can be stored, with their places in it, and those that cannot. */
export interface Batch {
  readonly events: readonly LineageEvent[];
  /** for each of `events`: its element or line, from 0 */
  readonly indexes: readonly number[];
  readonly rejected: readonly Rejection[];
}

/** How a request holds its events. */
export type BatchFormat = 'ndjson' | 'array';

/**
 * Reads the events of a request. Each is judged alone: a broken line costs only itself.
 * @throws ProblemError 400 for a broken array, 413 for too many events
 */
export function parseBatch(text: string, format: BatchFormat): Batch {
  const batch = { events: [] as LineageEvent[], indexes: [] as number[], rejected: [] as Rejection[] };
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
}

function sort(value: unknown, index: number, { events, indexes, rejected }: Sorted): void {
  const { event, problem } = parseEvent(value);
  if (problem) {
    rejected.push({ index, eventId: eventIdOf(value), ...problem });
    return;
  }
  events.push(event);
  indexes.push(index);
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
  new ProblemError({ status: 400, code: 'malformed_json', errors: [{ field: 'body', message }] });

const tooMany = (): ProblemError =>
  new ProblemError({
    status: 413,
    code: 'too_many_events',
    detail: `A request may hold ${LIMITS.batchEvents} events; send them in smaller batches.`,
  });
