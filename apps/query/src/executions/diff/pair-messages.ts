import { setImmediate as breathe } from 'node:timers/promises';
import { targetsOf } from './adjacency';
import { pairAlike, type Tie } from './pair-alike';
import { replayedPairs, type Pair } from './replayed-pairs';
import { scopeOf } from './scope';
import { signaturesOf } from './signatures';
import type { Messages } from './messages';

// Messages of two executions are paired in three ways, and the first that fits decides:
// 1. one replays the other (`replay_of_record`), or both replay the same;
// 2. same adapter, same input, below messages that are paired; what has nothing above it counts as below one pair;
// 3. same adapter, same input, anywhere.
// Each pair leads to more of the second kind, which come before any of the third. Of several alike, those are paired first
// that came to the same end (pair-alike.ts). Where records are replayed, only what was replayed and what is below it is
// compared: a replay runs from a stage on, and what came before is not missing (scope.ts).

/** How a pair was found; as `PAIRED_BY` names it, from 1 on. */
const VIA = { replay: 1, parents: 2, input: 3 } as const;
type Via = (typeof VIA)[keyof typeof VIA];

/** Messages that are looked at before other work has its turn. */
const AT_ONCE = 10_000;
/** The adapter and input of a message. */
type Key = string;

/** Which messages belong together. */
export class Pairing {
  /** the message of b of each of a, and the other way round; -1: none */
  readonly ofA: Int32Array;
  readonly ofB: Int32Array;
  /** how each message of a was paired, see VIA; 0: not at all */
  readonly via: Uint8Array;
  /** whether each message is compared at all */
  readonly scopeA: Uint8Array;
  readonly scopeB: Uint8Array;
  private readonly found: number[] = [];
  private readonly tie: Tie;

  private constructor(
    readonly a: Messages,
    readonly b: Messages,
    replayed: readonly Pair[],
  ) {
    this.ofA = new Int32Array(a.count).fill(-1);
    this.ofB = new Int32Array(b.count).fill(-1);
    this.via = new Uint8Array(a.count);
    this.tie = { a, b, signaturesA: signaturesOf(a), signaturesB: signaturesOf(b) };
    for (const [messageA, messageB] of replayed) this.pair(messageA, messageB, VIA.replay);
    const isReplay = b.table.replays.size > 0;
    this.scopeA = scopeOf(a, replayed.length > 0 ? this.ofA : undefined);
    this.scopeB = scopeOf(b, replayed.length > 0 && !isReplay ? this.ofB : undefined);
  }

  /** @param origins ids that replayed records go back to, see readOrigins */
  static async of(a: Messages, b: Messages, origins: ReadonlyMap<string, string>): Promise<Pairing> {
    const pairing = new Pairing(a, b, replayedPairs(a, b, origins));
    await pairing.followPairs();
    pairing.pairLists(tops(a, pairing.scopeA), tops(b, pairing.scopeB), VIA.parents);
    await pairing.followPairs();
    await pairing.pairAnywhere();
    return pairing;
  }

  private pair(messageA: number, messageB: number, via: Via): void {
    this.ofA[messageA] = messageB;
    this.ofB[messageB] = messageA;
    this.via[messageA] = via;
    this.found.push(messageA);
  }

  /** Pairs what is below pairs, in the order in which they were found. */
  private async followPairs(): Promise<void> {
    for (let n = 0; n < this.found.length; n += 1) {
      const messageA = this.found[n] ?? 0;
      const below = targetsOf(this.a.children, messageA);
      if (below.length > 0)
        this.pairLists(below, targetsOf(this.b.children, this.ofA[messageA] ?? 0), VIA.parents);
      if (n % AT_ONCE === AT_ONCE - 1) await breathe();
    }
    this.found.length = 0;
  }

  private async pairAnywhere(): Promise<void> {
    const openB = groups(this.b, this.open(all(this.b.count), this.ofB, this.scopeB));
    if (openB.size === 0) return;
    const openA = groups(this.a, this.open(all(this.a.count), this.ofA, this.scopeA));
    for (const [key, listA] of openA) {
      const listB = openB.get(key);
      if (!listB) continue;
      this.pairGroup(
        this.open(listA, this.ofA, this.scopeA),
        this.open(listB, this.ofB, this.scopeB),
        VIA.input,
      );
      await this.followPairs();
    }
  }

  /** Pairs those of two lists that have the same adapter and input. */
  private pairLists(listA: Iterable<number>, listB: Iterable<number>, via: Via): void {
    const openB = groups(this.b, this.open(listB, this.ofB, this.scopeB));
    if (openB.size === 0) return;
    for (const [key, group] of groups(this.a, this.open(listA, this.ofA, this.scopeA)))
      this.pairGroup(group, openB.get(key) ?? [], via);
  }

  private pairGroup(listA: readonly number[], listB: readonly number[], via: Via): void {
    for (const [messageA, messageB] of pairAlike(this.tie, listA, listB)) this.pair(messageA, messageB, via);
  }

  /** Those of a list that are compared and not paired yet, each once, the first first. */
  private open(list: Iterable<number>, pairs: Int32Array, scope: Uint8Array): number[] {
    const messages = pairs === this.ofA ? this.a : this.b;
    const open = new Set<number>();
    for (const message of list) if (pairs[message] === -1 && scope[message] === 1) open.add(message);
    return [...open].sort(messages.compare);
  }
}

const all = (count: number): Iterable<number> => Array.from({ length: count }, (_, n) => n);

/** Messages by adapter and input, in the order in which they come. */
function groups({ table, last }: Messages, list: readonly number[]): Map<Key, number[]> {
  const found = new Map<Key, number[]>();
  for (const message of list) {
    const record = last[message] ?? 0;
    const key = `${table.place[record]}/${table.inputs.high(record)}/${table.inputs.low(record)}`;
    const group = found.get(key);
    if (group) group.push(message);
    else found.set(key, [message]);
  }
  return found;
}

/** Messages that are compared and have nothing above them that is. */
function tops({ count, children }: Messages, scope: Uint8Array): Iterable<number> {
  const isBelow = new Uint8Array(count);
  for (let parent = 0; parent < count; parent += 1) {
    if (scope[parent] !== 1) continue;
    for (const child of targetsOf(children, parent)) isBelow[child] = 1;
  }
  return Array.from(isBelow.keys()).filter((message) => isBelow[message] === 0);
}
