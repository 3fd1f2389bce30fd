import fc from 'fast-check';
import { newId } from './ids';
import { LIMITS } from './limits';
import type { LineageEvent } from './events';
import { toLine, toWire } from './wire';

const id = fc.constant('').map(() => newId());
const text = fc.string({ unit: 'binary', maxLength: 20 });
const metadata = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 });
const data = {
  'record.registered': fc.record(
    {
      routeId: text,
      adapterName: text,
      parentId: id,
      joinedParentIds: fc.array(id, { minLength: 1, maxLength: 3 }),
      batchId: id,
      inputHash: text,
      started: fc.boolean(),
      retryOf: id,
      replayOfRecord: id,
      metadata,
    },
    { requiredKeys: ['routeId', 'adapterName'] },
  ),
  'record.started': fc.record({ inputHash: text }, { requiredKeys: [] }),
  'record.completed': fc.record({ outputHash: text, metadata }, { requiredKeys: [] }),
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
        expect(toLine(given)).not.toContain('\n');
      }),
      { numRuns: 500 },
    );
  });
});
