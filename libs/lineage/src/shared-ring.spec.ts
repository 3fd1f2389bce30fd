import fc from 'fast-check';
import { SharedRing } from './shared-ring';

const BOUNDS = { maxEvents: 20, maxBytes: 300_000 };
/** Together several times the ring's memory, so that lines lie across its end. */
const step = fc.oneof(
  fc.record({ push: fc.integer({ min: 1, max: 60_000 }), letter: fc.constantFrom('a', 'ä', '☃') }),
  fc.record({ take: fc.integer({ min: 1, max: 8 }) }),
);

describe('SharedRing', () => {
  it('gives lines back whole and in their order, within its bounds, to whoever shares its memory', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
        const producer = new SharedRing(BOUNDS);
        const consumer = new SharedRing(BOUNDS, producer.buffer);
        const expected: string[] = [];
        for (const each of steps) {
          if ('push' in each) {
            const line = each.letter.repeat(each.push / Buffer.byteLength(each.letter));
            const bytes = expected.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
            const fits =
              expected.length < BOUNDS.maxEvents && bytes + Buffer.byteLength(line) <= BOUNDS.maxBytes;
            expect(producer.push(line)).toBe(fits);
            if (fits) expected.push(line);
          } else {
            const events = consumer.batch(each.take, 100_000);
            expect(events.map(({ line }) => line)).toEqual(expected.slice(0, events.length));
            expect(events.length > 0).toBe(expected.length > 0);
            expected.splice(0, events.length);
            consumer.drop(events.length);
          }
          expect(producer.length).toBe(expected.length);
          expect(consumer.bytes).toBe(expected.reduce((sum, one) => sum + Buffer.byteLength(one), 0));
        }
      }),
      { numRuns: 30 },
    );
  });
});
