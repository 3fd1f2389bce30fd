import {
  classOfPair,
  classWithoutB,
  DIFF_CLASSES,
  endOfB,
  isSlower,
  type Attempt,
  type DiffClass,
} from './classify';
import type { Messages } from './messages';
import type { Pairing } from './pair-messages';
import type { Places } from './record-table';
import { descend } from './scope';

/** Counts of messages by class, and what is told beside the class. */
export interface ClassCounts extends Record<DiffClass, number> {
  /** of those that came to the same end */
  slower: number;
  /** of the extra ones, those that failed or were cancelled, and are not below a fixed one */
  extra_failing: number;
  /** of the extra ones, those that failed or were cancelled below a fixed one: it got further than before */
  failing_further: number;
}

/** Where a row stands among all rows: class, adapter, and the smallest id of the message in a, or in b where a has none. */
export type RowKey = readonly [rank: number, routeId: string, adapterName: string, id: string];

/** A row: what belongs together, and its class. */
export interface ComparedRow {
  readonly found: DiffClass;
  readonly slower: boolean;
  /** see `Pairing.via` */
  readonly via: number;
  /** messages; -1: none */
  readonly a: number;
  readonly b: number;
}

const EMPTY: ClassCounts = {
  ...(Object.fromEntries(DIFF_CLASSES.map((word) => [word, 0])) as Record<DiffClass, number>),
  slower: 0,
  extra_failing: 0,
  failing_further: 0,
};
const SLOWER_BIT = 0x80;

/** Two executions compared: rows in their order, as numbers. */
export class Comparison {
  readonly totals: ClassCounts = { ...EMPTY };
  /** by number of the adapter */
  readonly byPlace = new Map<number, ClassCounts>();
  /** messages of each side that are not compared */
  readonly outside: { readonly a: number; readonly b: number };
  private readonly rowA: Int32Array;
  private readonly rowB: Int32Array;
  private readonly codes: Uint8Array;
  private count = 0;
  private readonly rankOfPlace: Int32Array;
  /** messages of b that are fixed, and those below them */
  private readonly afterFixed: Uint8Array;

  constructor(
    readonly pairing: Pairing,
    private readonly places: Places,
    private readonly ended: { readonly a: boolean; readonly b: boolean },
  ) {
    const { a, b } = pairing;
    const capacity = a.count + b.count;
    this.rowA = new Int32Array(capacity);
    this.rowB = new Int32Array(capacity);
    this.codes = new Uint8Array(capacity);
    this.afterFixed = new Uint8Array(b.count);
    this.outside = { a: outsideOf(pairing.scopeA), b: outsideOf(pairing.scopeB) };
    this.addMessagesOfA();
    this.addExtra();
    this.rankOfPlace = ranksOf(places);
    this.sort();
  }

  get length(): number {
    return this.count;
  }

  row(n: number): ComparedRow {
    const code = this.codes[n] ?? 0;
    const a = this.rowA[n] ?? -1;
    return {
      found: DIFF_CLASSES[code & ~SLOWER_BIT] ?? 'identical',
      slower: (code & SLOWER_BIT) !== 0,
      via: a < 0 ? 0 : (this.pairing.via[a] ?? 0),
      a,
      b: this.rowB[n] ?? -1,
    };
  }

  keyOf(n: number): RowKey {
    const { route_id: route, adapter_name: adapter } = this.places.nameOf(this.placeOf(n));
    return [(this.codes[n] ?? 0) & ~SLOWER_BIT, route, adapter, this.idOf(n)];
  }

  /** The first row behind a key. */
  indexBehind(key: RowKey): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.keyOf(middle), key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private idOf(n: number): string {
    const { a, b } = this.pairing;
    const [messageA, messageB] = [this.rowA[n] ?? -1, this.rowB[n] ?? -1];
    return messageA >= 0 ? a.table.ids.id(a.key[messageA] ?? 0) : b.table.ids.id(b.key[messageB] ?? 0);
  }

  private placeOf(n: number): number {
    const [messageA, messageB] = [this.rowA[n] ?? -1, this.rowB[n] ?? -1];
    const [of, message] = messageA >= 0 ? [this.pairing.a, messageA] : [this.pairing.b, messageB];
    return of.table.place[of.last[message] ?? 0] ?? 0;
  }

  private addMessagesOfA(): void {
    const { a, b, ofA, scopeA } = this.pairing;
    for (let message = 0; message < a.count; message += 1) {
      if (scopeA[message] !== 1) continue;
      const partner = ofA[message] ?? -1;
      if (partner < 0) {
        this.add(message, -1, classWithoutB(this.ended.b), false);
        continue;
      }
      const [before, after] = [attemptOf(a, message, this.ended.a), attemptOf(b, partner, this.ended.b)];
      const found = classOfPair(before, after);
      if (found === 'fixed') this.afterFixed[partner] = 1;
      this.add(message, partner, found, isSlower(found, before, after));
    }
  }

  private addExtra(): void {
    const { b, ofB, scopeB } = this.pairing;
    descend(b, this.afterFixed, () => true);
    for (let message = 0; message < b.count; message += 1)
      if (scopeB[message] === 1 && ofB[message] === -1) this.add(-1, message, 'extra', false);
  }

  private add(a: number, b: number, found: DiffClass, slower: boolean): void {
    const n = this.count;
    this.rowA[n] = a;
    this.rowB[n] = b;
    this.codes[n] = DIFF_CLASSES.indexOf(found) | (slower ? SLOWER_BIT : 0);
    this.count += 1;
    const place = this.placeOf(n);
    const counts = this.byPlace.get(place) ?? { ...EMPTY };
    this.byPlace.set(place, counts);
    const failing = found === 'extra' && endOfB(attemptOf(this.pairing.b, b, this.ended.b)) === 'failing';
    for (const each of [this.totals, counts]) {
      each[found] += 1;
      if (slower) each.slower += 1;
      if (failing) each[this.afterFixed[b] === 1 ? 'failing_further' : 'extra_failing'] += 1;
    }
  }

  /** By class and adapter. Within these rows stay in the order of ids, in which they were added. */
  private sort(): void {
    const places = this.rankOfPlace.length;
    const bucketOf = (n: number): number =>
      ((this.codes[n] ?? 0) & ~SLOWER_BIT) * places + (this.rankOfPlace[this.placeOf(n)] ?? 0);
    const order = new Float64Array(this.count);
    for (let n = 0; n < this.count; n += 1) order[n] = bucketOf(n) * this.count + n;
    order.sort();
    const [rowA, rowB, codes] = [this.rowA.slice(), this.rowB.slice(), this.codes.slice()];
    for (let n = 0; n < this.count; n += 1) {
      const from = (order[n] ?? 0) % this.count;
      this.rowA[n] = rowA[from] ?? -1;
      this.rowB[n] = rowB[from] ?? -1;
      this.codes[n] = codes[from] ?? 0;
    }
  }
}

const attemptOf = (messages: Messages, message: number, ended: boolean): Attempt => ({
  table: messages.table,
  record: messages.last[message] ?? 0,
  ended,
});

const outsideOf = (scope: Uint8Array): number => scope.reduce((sum, isIn) => sum + 1 - isIn, 0);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareKeys = (a: RowKey, b: RowKey): number =>
  a[0] - b[0] || compareText(a[1], b[1]) || compareText(a[2], b[2]) || compareText(a[3], b[3]);

/** The rank of each adapter in the order of their names. */
function ranksOf(places: Places): Int32Array {
  const names = Array.from({ length: places.size }, (_, n) => places.nameOf(n));
  const order = names
    .map((_, n) => n)
    .sort(
      (x, y) =>
        compareText(names[x]?.route_id ?? '', names[y]?.route_id ?? '') ||
        compareText(names[x]?.adapter_name ?? '', names[y]?.adapter_name ?? ''),
    );
  const ranks = new Int32Array(places.size);
  order.forEach((place, rank) => (ranks[place] = rank));
  return ranks;
}
