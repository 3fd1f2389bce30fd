import * as fc from 'fast-check';
import type { EventType, LineageEvent } from '../events';
import { parseEvent } from '../parse-event';

/** A set of events and one way in which it may arrive. */
export interface History {
  /** every event once */
  readonly events: readonly LineageEvent[];
  /** the events in some order, some more than once, cut into batches */
  readonly batches: readonly (readonly LineageEvent[])[];
}

const hexId = (group: number, n: number): string =>
  `${group.toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** Text of any code units: NUL, lone surrogates, quotes and escapes included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('\0', '\ud800', '\udfff\ud800', '__proto__', '"\\\u2028', '\u{1f600}', 'toString', "'; --"),
);
const metadata = fc.option(
  fc.dictionary(anyText, fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), { maxKeys: 3 }),
  { nil: null },
);
const hash = fc.option(fc.constantFrom('sha256:a', 'sha256:b', '\ud83d', 'c'), { nil: null });
const payload = fc.option(
  fc.record(
    {
      key: fc.constantFrom('a', 'b').map((digit) => `sha256:${digit.repeat(64)}`),
      redacted: fc.option(fc.boolean(), { nil: null }),
      content_type: fc.option(fc.constantFrom('application/json', 'text/plain; charset="utf-8"'), {
        nil: null,
      }),
    },
    { requiredKeys: ['key'] },
  ),
  { nil: null, freq: 2 },
);
const errorInfo = fc.record({
  class: fc.constantFrom('TypeError', 'Ü\0'),
  message: anyText,
  traceback: fc.option(anyText, { nil: null }),
});

const DATA: Partial<Record<EventType, fc.Arbitrary<object>>> = {
  'execution.started': fc.record({ name: fc.option(anyText, { nil: null }), metadata }),
  'execution.failed': fc.record({ error: errorInfo }),
  'record.started': fc.record({ input_hash: hash, input_payload: payload }),
  'record.completed': fc.record({ output_hash: hash, output_payload: payload, metadata }),
  'record.failed': fc.record({ error: errorInfo, metadata }),
  'record.cancelled': fc.record({ reason: fc.option(anyText, { nil: null }), metadata }),
};

/**
 * Histories of every kind: trees, joins, cycles, deep lines, late and conflicting registrations that move a record
 * between parents, several terminal events, events of records nobody registered, equal times.
 * @param options.executions ids of executions to spread the events over; made up by default
 */
export function arbitraryHistory(
  options: { maxRecords?: number; maxEvents?: number; executions?: readonly string[] } = {},
): fc.Arbitrary<History> {
  const { maxRecords = 8, maxEvents = 60, executions = [hexId(0xe, 1), hexId(0xe, 2)] } = options;
  const recordId = fc.integer({ min: 1, max: maxRecords }).map((n) => hexId(0xa, n));
  const parent = fc.option(recordId, { nil: null, freq: 4 });
  const registeredData = fc.record({
    route_id: fc.constantFrom('documents', 'r\0', '\u{1f680}'),
    adapter_name: fc.constantFrom('chunker', 'embedder'),
    parent_id: parent,
    joined_parent_ids: fc.option(fc.array(recordId, { maxLength: 3 }), { nil: null, freq: 2 }),
    batch_id: fc.option(recordId, { nil: null }),
    input_hash: hash,
    input_payload: payload,
    started: fc.option(fc.boolean(), { nil: null }),
    retry_of: fc.option(recordId, { nil: null }),
    metadata,
  });
  const anyEvent = (type: EventType, data: fc.Arbitrary<object>) =>
    fc.record({
      type: fc.constant(type),
      execution_id: fc.constantFrom(...executions),
      ...(type.startsWith('record.') ? { record_id: recordId } : {}),
      // few times, so that ids decide often; a few far apart, so that sums grow large
      occurred_at: fc.oneof(
        {
          weight: 8,
          arbitrary: fc
            .integer({ min: 0, max: 20 })
            .map((ms) => new Date(1_767_225_600_000 + ms).toISOString()),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '1970-01-01T00:00:00Z',
            '9999-12-31T23:59:59.9999Z',
            '2026-01-01T05:30:00.0019+05:30',
          ),
        },
      ),
      data,
    });
  const soup = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: anyEvent('record.registered', registeredData) },
      {
        weight: 5,
        arbitrary: anyEvent('record.completed', DATA['record.completed'] as fc.Arbitrary<object>),
      },
      ...(
        [
          'record.started',
          'record.failed',
          'record.cancelled',
          'execution.started',
          'execution.failed',
        ] as const
      ).map((type) => ({
        weight: 1,
        arbitrary: anyEvent(type, DATA[type] as fc.Arbitrary<object>),
      })),
      { weight: 1, arbitrary: anyEvent('execution.completed', fc.constant({})) },
    ),
    { minLength: 1, maxLength: maxEvents, size: 'max' },
  );
  return soup
    .map((wires) => wires.flatMap((wire, n) => parseEvent({ event_id: hexId(0xf, n), ...wire }).event ?? []))
    .filter((events) => events.length > 0)
    .chain((events) => arrival(events).map((batches) => ({ events, batches })));
}

/** Any order, any repetition, any cut into batches. */
function arrival(events: readonly LineageEvent[]): fc.Arbitrary<LineageEvent[][]> {
  return fc
    .record({
      repeated: fc.subarray([...events]),
      order: fc.array(fc.integer(), { minLength: events.length * 2, maxLength: events.length * 2 }),
      sizes: fc.array(fc.integer({ min: 1, max: 12 }), {
        minLength: events.length * 2,
        maxLength: events.length * 2,
      }),
    })
    .map(({ repeated, order, sizes }) => {
      const shuffled = [...events, ...repeated]
        .map((event, n) => ({ event, rank: order[n] ?? 0 }))
        .sort((a, b) => a.rank - b.rank);
      const batches: LineageEvent[][] = [];
      for (let at = 0; at < shuffled.length;) {
        const size = sizes[batches.length] ?? 1;
        batches.push(shuffled.slice(at, at + size).map(({ event }) => event));
        at += size;
      }
      return batches;
    });
}
