import fc from 'fast-check';
import { newId } from './ids';
import { LIMITS } from './limits';
import type { LineageEvent } from './events';
import { dataFromWire, toLine, toWire } from './wire';

const id = fc.constant('').map(newId);
const text = fc.string({ unit: 'binary', maxLength: 20 });
const metadata = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 });
const payload = fc.record({
  key: fc.constantFrom('a', 'b').map((digit) => `sha256:${digit.repeat(64)}`),
  redacted: fc.boolean(),
  contentType: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
});
const data = {
  'record.registered': fc.record(
    {
      routeId: text,
      adapterName: text,
      parentId: id,
      joinedParentIds: fc.array(id, { minLength: 1, maxLength: 3 }),
      batchId: id,
      inputHash: text,
      inputPayload: payload,
      started: fc.boolean(),
      retryOf: id,
      replayOfRecord: id,
      metadata,
    },
    { requiredKeys: ['routeId', 'adapterName'] },
  ),
  'record.started': fc.record({ inputHash: text, inputPayload: payload }, { requiredKeys: [] }),
  'record.completed': fc.record({ outputHash: text, outputPayload: payload, metadata }, { requiredKeys: [] }),
  'record.cancelled': fc.record({ reason: text, metadata }, { requiredKeys: [] }),
  'execution.started': fc.record({ name: text, metadata }, { requiredKeys: [] }),
};

const event = fc.constantFrom(...(Object.keys(data) as (keyof typeof data)[])).chain((type) =>
  fc.tuple(data[type], id, id, id, fc.nat(), fc.boolean()).map(
    ([fields, eventId, executionId, recordId, sequence, withSource]) =>
      ({
        type,
        eventId,
        executionId,
        ...(type === 'execution.started' ? {} : { recordId }),
        occurredAt: 1_795_000_000_000 + (sequence % LIMITS.beforeExecutionMs),
        ...(withSource ? { source: { recorderId: recordId, sequence } } : {}),
        data: fields,
      }) as unknown as LineageEvent,
  ),
);

describe('toLine', () => {
  it('says of every event what JSON says of its wire form', () => {
    fc.assert(
      fc.property(event, (given) => {
        expect(JSON.parse(toLine(given))).toEqual(JSON.parse(JSON.stringify(toWire(given))));
        expect(dataFromWire(JSON.parse(toLine(given)).data as object)).toEqual(given.data);
        expect(toLine(given)).not.toContain('\n');
      }),
      { numRuns: 500 },
    );
  });
});
