import * as fc from 'fast-check';
import { LIMITS } from './limits';
import { eventIdOf, parseEvent } from './parse-event';
import { toWire } from './wire';

const EXECUTION = '018bcfe5-6800-7000-8000-000000000001'; // of 2023-11-14T22:13:20Z
const registered = (data: object = {}, envelope: object = {}): Record<string, unknown> => ({
  event_id: 'AAAAAAAA-0000-0000-0000-00000000000F',
  type: 'record.registered',
  execution_id: EXECUTION,
  record_id: 'bbbbbbbb-0000-0000-0000-000000000001',
  occurred_at: '2026-11-22T20:34:00.123Z',
  data: { route_id: 'r', adapter_name: 'a', ...data },
  ...envelope,
});
const failed = (error: unknown, data: object = {}) => ({
  ...registered(),
  type: 'record.failed',
  data: { error, ...data },
});
const problemOf = (value: unknown): string => {
  const { problem } = parseEvent(value);
  return problem ? `${problem.code} ${problem.message}` : 'accepted';
};
const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
const KEY = `sha256:${'0f'.repeat(32)}`;
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `cccccccc-0000-0000-0000-${String(n).padStart(12, '0')}`);

describe('parseEvent', () => {
  it('brings an event into the form in which it is stored', () => {
    const { event } = parseEvent(
      registered(
        {
          parent_id: 'BBBBBBBB-0000-0000-0000-00000000000A',
          input_hash: null,
          metadata: { n: -0, text: 'a\0\ud800' },
        },
        { occurred_at: '2026-11-22T21:34:00.1239+01:00' },
      ),
    );
    expect(event).toEqual({
      type: 'record.registered',
      eventId: 'aaaaaaaa-0000-0000-0000-00000000000f',
      executionId: EXECUTION,
      recordId: 'bbbbbbbb-0000-0000-0000-000000000001',
      occurredAt: Date.UTC(2026, 10, 22, 20, 34, 0, 123),
      data: {
        routeId: 'r',
        adapterName: 'a',
        parentId: 'bbbbbbbb-0000-0000-0000-00000000000a',
        metadata: { n: 0, text: 'a\ufffd\ufffd' },
      },
    });
  });

  it('fills in what is not said of a payload', () => {
    const { event } = parseEvent(registered({ input_payload: { key: KEY } }));
    expect(event?.data).toEqual({
      routeId: 'r',
      adapterName: 'a',
      inputPayload: { key: KEY, redacted: false, contentType: 'application/octet-stream' },
    });
    expect(event && toWire(event).data?.['input_payload']).toEqual({
      key: KEY,
      redacted: false,
      content_type: 'application/octet-stream',
    });
  });

  it('keeps keys that are special to JavaScript', () => {
    const { event } = parseEvent(
      registered({ metadata: JSON.parse('{"__proto__":{"a":1},"constructor":2}') }),
    );
    expect(JSON.stringify(event && toWire(event).data?.['metadata'])).toBe(
      '{"__proto__":{"a":1},"constructor":2}',
    );
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'an event must be a JSON object'],
    ['a missing type', { ...registered(), type: undefined }, 'type: must be'],
    [
      'an unknown type',
      { ...registered(), type: 'record.exploded' },
      'unknown_type type: "record.exploded" is none of',
    ],
    ['a missing field', registered({ route_id: undefined }), 'data.route_id: '],
    ['a missing record', registered({}, { record_id: undefined }), 'record_id: '],
    ['a misspelled field', registered({ parentid: 'x' }), 'data.parentid: is not a field'],
    [
      'a field named __proto__',
      registered(JSON.parse('{"__proto__":1}') as object),
      'data.__proto__: is not a field',
    ],
    ['a bad id', registered({ parent_id: '123' }), 'data.parent_id: must be an id'],
    [
      'a bad id in a list',
      registered({ joined_parent_ids: [...ids(1), 'x'] }),
      'data.joined_parent_ids[1]: must be an id',
    ],
    [
      'its own parent',
      registered({ parent_id: 'BBBBBBBB-0000-0000-0000-000000000001' }),
      'data.parent_id: a record cannot',
    ],
    [
      'its own join',
      registered({ joined_parent_ids: ['bbbbbbbb-0000-0000-0000-000000000001'] }),
      'data.joined_parent_ids: a record cannot',
    ],
    ['too many joins', registered({ joined_parent_ids: ids(10_001) }), 'too_large data.joined_parent_ids: '],
    ['all the joins it may have', registered({ joined_parent_ids: ids(10_000) }), 'accepted'],
    ['a name of 200 characters', registered({ route_id: '\u{1f600}'.repeat(200) }), 'accepted'],
    ['a name of 201 characters', registered({ route_id: 'x'.repeat(201) }), 'too_large data.route_id: '],
    ['an empty name', registered({ adapter_name: '' }), 'data.adapter_name: '],
    ['an empty hash', registered({ input_hash: '' }), 'data.input_hash: '],
    ['a payload', registered({ input_payload: { key: KEY, redacted: null } }), 'accepted'],
    ['a payload without a key', registered({ input_payload: {} }), 'data.input_payload.key: is required'],
    [
      'a payload with a key in upper case',
      registered({ input_payload: { key: KEY.toUpperCase() } }),
      'data.input_payload.key: must be sha256: and 64 hex digits',
    ],
    [
      'a payload that leads elsewhere',
      registered({ input_payload: { key: 'sha256:../../../../etc/passwd' } }),
      'data.input_payload.key: must be sha256:',
    ],
    [
      'a payload with a field too many',
      registered({ input_payload: { key: KEY, bytes: 7 } }),
      'data.input_payload.bytes: is not a field',
    ],
    [
      'a content type with a line break',
      registered({ input_payload: { key: KEY, content_type: 'text/plain\r\nx: y' } }),
      'data.input_payload.content_type: must be printable ASCII',
    ],
    [
      'a long content type',
      registered({ input_payload: { key: KEY, content_type: 'x'.repeat(201) } }),
      'too_large data.input_payload.content_type: ',
    ],
    [
      'an output of a failure',
      failed({ class: 'E', message: '' }, { output_payload: { key: KEY } }),
      'data.output_payload: is not a field',
    ],
    [
      'a number too large',
      registered({ metadata: { a: [1e308, Infinity] } }),
      'data.metadata.a[1]: must be a number',
    ],
    ['nesting at the limit', registered({ metadata: nested(64) }), 'accepted'],
    ['nesting over it', registered({ metadata: nested(65) }), 'must not nest deeper than 64'],
    ['nesting far over it', registered({ metadata: nested(16_000) }), 'must not nest deeper than 64'],
    ['metadata that is no object', registered({ metadata: [] }), 'data.metadata: must be object'],
    ['large metadata', registered({ metadata: { a: 'ü'.repeat(33 * 1024) } }), 'too_large data.metadata: '],
    ['sequence 0', registered({}, { source: { recorder_id: EXECUTION, sequence: 0 } }), 'source.sequence: '],
    ['an execution with a record', { ...registered(), type: 'execution.cancelled', data: {} }, 'record_id: '],
    ['an error without message', failed({ class: 'E' }), 'data.error.message: is required'],
    ['an error that is text', failed('boom'), 'data.error: must be object'],
    ['a long message', failed({ class: 'E', message: 'x'.repeat(8193) }), 'too_large data.error.message: '],
    [
      'a long traceback',
      failed({ class: 'E', message: '', traceback: 'x'.repeat(65_537) }),
      'too_large data.error.traceback: ',
    ],
    [
      'a large event',
      failed({ class: 'E', message: '', traceback: '\x01'.repeat(65_536) }),
      'too_large the event must not be over',
    ],
  ])('says what is wrong with %s', (_, value, message) => {
    // As it comes from the wire: undefined fields are absent, Infinity is what 1e999 parses to.
    expect(problemOf(value)).toContain(message);
  });

  it.each([
    ['2026-02-30T00:00:00Z'],
    ['2026-01-01T23:59:60Z'],
    ['2026-01-01T24:00:00Z'],
    ['2026-01-01 00:00:00Z'],
    ['2026-01-01T00:00:00'],
    ['2026-01-01'],
    ['1970-01-01T00:00:00+00:01'],
    ['9999-12-31T23:59:59-00:01'],
    ['now'],
    [''],
  ])('rejects the time %s', (occurred_at) => {
    expect(
      problemOf(registered({}, { occurred_at, execution_id: 'ffffffff-0000-0000-0000-000000000000' })),
    ).toContain('occurred_at: ');
  });

  it('holds events against the time in a version 7 execution id', () => {
    const at = (occurred_at: string, execution_id = EXECUTION): string =>
      problemOf(registered({}, { occurred_at, execution_id }));
    expect(at('2023-11-13T22:13:20.000Z')).toBe('accepted');
    expect(at('2023-11-13T22:13:19.999Z')).toContain('occurred_at: must not be more than 24 hours before');
    expect(at('1970-01-01T00:00:00Z', EXECUTION.replace('-7000-', '-4000-'))).toBe('accepted');
  });

  it('never throws, and what it accepts it accepts again unchanged', () => {
    const field = fc.oneof(fc.anything(), fc.jsonValue({ stringUnit: 'binary' }));
    const anyEvent = fc.record({
      data: fc.option(field, { nil: {} }),
      route: field,
      metadata: fc.jsonValue({ stringUnit: 'binary' }),
      occurred_at: fc.oneof(
        field,
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
    });
    fc.assert(
      fc.property(anyEvent, ({ data, route, metadata, occurred_at }) => {
        for (const value of [
          registered({ metadata }),
          registered({ route_id: route }),
          registered({}, { data }),
          registered({}, { occurred_at }),
        ]) {
          const { event, problem } = parseEvent(value);
          if (problem) expect(problem.message).not.toBe('');
          else expect(parseEvent(JSON.parse(JSON.stringify(toWire(event)))).event).toEqual(event);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads the id of an event it rejects, as far as there is one', () => {
    expect(eventIdOf({ event_id: 'x'.repeat(300) })).toHaveLength(200);
    expect([null, [], {}, { event_id: 7 }].map(eventIdOf)).toEqual([null, null, null, null]);
  });

  it('keeps the limits it promises', () => {
    expect(LIMITS).toMatchObject({
      batchEvents: 10_000,
      batchBytes: 16_777_216,
      nesting: 64,
      joinedParents: 10_000,
    });
  });
});
