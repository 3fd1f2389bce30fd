import type { PayloadKind } from '@factflow/journal';
import fc from 'fast-check';
import { PayloadBuffer, PayloadRing } from './payload-queue';

const MAX_BYTES = 10_000;
const kind = fc.constantFrom<PayloadKind[]>('bin', 'txt', 'json');
const step = fc.oneof(
  fc.record({ length: fc.integer({ min: 0, max: 4_000 }), kind }),
  fc.constant('take' as const),
);
const keyOf = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`;

describe('PayloadRing', () => {
  it('gives payloads back whole and in their order to whoever shares its memory, however they lie in it', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) => {
        const producer = new PayloadRing(MAX_BYTES);
        const consumer = new PayloadRing(MAX_BYTES, producer.buffer);
        const expected: object[] = [];
        steps.forEach((each, n) => {
          if (each === 'take') {
            expect(consumer.peek()).toEqual(expected.shift());
            consumer.drop();
            return expect(consumer.length).toBe(expected.length);
          }
          const bytes = Buffer.alloc(each.length, n);
          if (producer.push(keyOf(n), each.kind, bytes))
            expected.push({ key: keyOf(n), kind: each.kind, bytes });
          else expect(expected.length).toBeGreaterThan(0);
          expect(consumer.length).toBe(expected.length);
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('PayloadBuffer', () => {
  it('takes payloads up to its bound, and more as they leave', () => {
    const buffer = new PayloadBuffer(10);
    const push = (bytes: number): boolean => buffer.push(keyOf(bytes), 'bin', new Uint8Array(bytes));
    expect([push(6), push(5), push(4)]).toEqual([true, false, true]);
    buffer.drop();
    expect(push(5)).toBe(true);
    expect([buffer.length, buffer.peek()?.key]).toEqual([2, keyOf(4)]);
    for (let left = 3; left > 0; left -= 1) buffer.drop();
    expect([buffer.length, buffer.peek()]).toEqual([0, undefined]);
  });
});
