import { OUTCOME } from './record-table';
import type { Messages } from './messages';

// Of several messages alike, those are paired first that came to the same end, with the same below them. What is the same
// is told by numbers: own, and with what is below mixed in, level by level. They only settle ties.

/** How far down counts. */
const LEVELS = 8;

const mix = (hash: number, value: number): number => {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ (mixed >>> 16);
};

export interface Signatures {
  /** adapter, input, outcome, output and error of each message */
  readonly own: Int32Array;
  /** with those of what is below */
  readonly whole: Int32Array;
}

export function signaturesOf(messages: Messages): Signatures {
  const { count, children } = messages;
  const own = Int32Array.from({ length: count }, (_, message) => ownSignature(messages, message));
  let whole = own;
  for (let level = 0; level < LEVELS; level += 1) {
    const next = new Int32Array(count);
    for (let message = 0; message < count; message += 1) {
      let sum = 0;
      for (let e = children.starts[message] ?? 0; e < (children.starts[message + 1] ?? 0); e += 1)
        sum = (sum + mix(1, whole[children.targets[e] ?? 0] ?? 0)) | 0;
      next[message] = mix(own[message] ?? 0, sum);
    }
    whole = next;
  }
  return { own, whole };
}

function ownSignature({ table, last }: Messages, message: number): number {
  const record = last[message] ?? 0;
  const { inputs, outputs, errors } = table;
  return [
    table.place[record] ?? 0,
    table.outcome[record] ?? OUTCOME.open,
    ...[inputs, outputs, errors].flatMap((digests) => [digests.high(record), digests.low(record)]),
  ].reduce(mix, 7);
}
