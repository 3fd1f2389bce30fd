import { OUTCOME } from './record-table';
import type { Messages } from './messages';
import type { Signatures } from './signatures';

/** What settles which of several messages alike belong together. */
export interface Tie {
  readonly a: Messages;
  readonly b: Messages;
  readonly signaturesA: Signatures;
  readonly signaturesB: Signatures;
}

/** Whether a message came to its end, to another one, or to none yet. */
const endOf = (messages: Messages, message: number): number => {
  const outcome = messages.outcome(message);
  if (outcome === OUTCOME.done) return 1;
  return outcome === OUTCOME.open ? 0 : 2;
};

/**
 * Pairs messages of two lists, all of the same adapter and input and each in order: those with the same end and the same
 * below them first, then those with the same end themselves, then those that both failed or both did not, then the others.
 */
export function pairAlike(
  tie: Tie,
  listA: readonly number[],
  listB: readonly number[],
): (readonly [number, number])[] {
  const [onlyA, onlyB] = [listA[0], listB[0]];
  if (onlyA === undefined || onlyB === undefined) return [];
  if (listA.length === 1 && listB.length === 1) return [[onlyA, onlyB]];
  const { a, b, signaturesA, signaturesB } = tie;
  const rounds: readonly (readonly [of: (message: number) => number, or: (message: number) => number])[] = [
    [(message) => signaturesA.whole[message] ?? 0, (message) => signaturesB.whole[message] ?? 0],
    [(message) => signaturesA.own[message] ?? 0, (message) => signaturesB.own[message] ?? 0],
    [(message) => endOf(a, message), (message) => endOf(b, message)],
    [() => 0, () => 0],
  ];
  const pairs: (readonly [number, number])[] = [];
  let [restA, restB] = [listA, listB];
  for (const [ofA, ofB] of rounds) {
    const waiting = new Map<number, number[]>();
    // Taken from the end, the first first.
    for (const message of restB.toReversed()) {
      const group = waiting.get(ofB(message));
      if (group) group.push(message);
      else waiting.set(ofB(message), [message]);
    }
    const left: number[] = [];
    for (const message of restA) {
      const partner = waiting.get(ofA(message))?.pop();
      if (partner === undefined) left.push(message);
      else pairs.push([message, partner]);
    }
    const untaken = new Set([...waiting.values()].flat());
    restA = left;
    restB = restB.filter((message) => untaken.has(message));
    if (restA.length === 0 || restB.length === 0) break;
  }
  return pairs;
}
