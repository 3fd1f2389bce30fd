import type { Messages } from './messages';

export type Pair = readonly [messageA: number, messageB: number];

/**
 * Messages of which one replays the other, or that replay the same. Names are followed to the record that replays nothing
 * itself, so that replays of replays, and two replays of one execution, find each other.
 * @param origins of ids that are named: what they go back to
 */
export function replayedPairs(a: Messages, b: Messages, origins: ReadonlyMap<string, string>): Pair[] {
  if (a.table.replays.size === 0 && b.table.replays.size === 0) return [];
  const pairs: Pair[] = [];
  const pairedA = new Uint8Array(a.count);
  const pairedB = new Uint8Array(b.count);
  const pair = (messageA: number | undefined, messageB: number | undefined): void => {
    if (messageA === undefined || messageB === undefined || pairedA[messageA] || pairedB[messageB]) return;
    pairedA[messageA] = 1;
    pairedB[messageB] = 1;
    pairs.push([messageA, messageB]);
  };
  for (const { message, record } of replaysOf(b, a)) pair(a.messageOf[record], message);
  for (const { message, record } of replaysOf(a, b)) pair(message, b.messageOf[record]);
  // What is paired stays so: names are read out for the rest alone, which is nothing of a replay of the other execution.
  const namedByA = namedBy(a, b, pairedA);
  const namedByB = namedBy(b, a, pairedB);
  const ofA = new Map<string, number>();
  for (const { message, id } of namedByA) {
    const origin = origins.get(id) ?? id;
    if (!ofA.has(origin)) ofA.set(origin, message);
  }
  for (const { message, id } of namedByB) pair(ofA.get(origins.get(id) ?? id), message);
  // A replay of a replay, of which nothing is left but its beginning and its end.
  for (const { message, id } of namedByB) pair(a.messageOf[recordOf(a, origins.get(id))], message);
  for (const { message, id } of namedByA) pair(message, b.messageOf[recordOf(b, origins.get(id))]);
  return pairs;
}

/** Messages of one execution with the records of the other one they replay, in the order of the messages. */
function replaysOf(of: Messages, other: Messages): { readonly message: number; readonly record: number }[] {
  const found: { readonly message: number; readonly record: number }[] = [];
  of.table.replays.each(other.table.ids, (from, record) => {
    if (record >= 0) found.push({ message: of.messageOf[from] ?? 0, record });
  });
  return found.sort((x, y) => of.compare(x.message, y.message));
}

/** Messages of one execution that are not paired, with the ids of what they replay, in the order of the messages. */
function namedBy(
  of: Messages,
  other: Messages,
  paired: Uint8Array,
): { readonly message: number; readonly id: string }[] {
  const found: { readonly message: number; readonly id: string }[] = [];
  of.table.replays.each(other.table.ids, (from, _record, bytes, offset) => {
    const message = of.messageOf[from] ?? 0;
    if (!paired[message]) found.push({ message, id: bytes.toString('hex', offset, offset + 16) });
  });
  return found.sort((x, y) => of.compare(x.message, y.message));
}

/** -1 where there is none. */
function recordOf({ table }: Messages, id: string | undefined): number {
  return id === undefined ? -1 : table.ids.find(Buffer.from(id, 'hex'), 0);
}
