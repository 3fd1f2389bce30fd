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
  const pairedA = new Set<number>();
  const pairedB = new Set<number>();
  const pair = (messageA: number | undefined, messageB: number): void => {
    if (messageA === undefined || pairedA.has(messageA) || pairedB.has(messageB)) return;
    pairedA.add(messageA);
    pairedB.add(messageB);
    pairs.push([messageA, messageB]);
  };
  for (const { message, record } of namedRecords(b, a)) if (record >= 0) pair(a.messageOf[record], message);
  for (const { message, record } of namedRecords(a, b))
    if (record >= 0) pair(message, b.messageOf[record] ?? -1);
  const ofA = new Map<string, number>();
  for (const { message, id } of namedRecords(a, b)) {
    const origin = origins.get(id) ?? id;
    if (!ofA.has(origin) && !pairedA.has(message)) ofA.set(origin, message);
  }
  for (const { message, id } of namedRecords(b, a)) pair(ofA.get(origins.get(id) ?? id), message);
  // A replay of a replay, of which nothing is left but its beginning and its end.
  for (const { message, id } of namedRecords(b, a)) {
    const record = recordOf(a, origins.get(id));
    if (record >= 0) pair(a.messageOf[record], message);
  }
  for (const { message, id } of namedRecords(a, b)) {
    const record = recordOf(b, origins.get(id));
    if (record >= 0) pair(message, b.messageOf[record] ?? -1);
  }
  return pairs;
}

interface Named {
  readonly message: number;
  /** what it replays: a record of the other execution, or -1 */
  readonly record: number;
  readonly id: string;
}

/** What the messages of one execution replay, in the order of the messages. */
function namedRecords(of: Messages, other: Messages): Named[] {
  const named: Named[] = [];
  of.table.replays.each(other.table.ids, (from, record, bytes, offset) => {
    named.push({ message: of.messageOf[from] ?? 0, record, id: bytes.toString('hex', offset, offset + 16) });
  });
  return named.sort((x, y) => of.compare(x.message, y.message));
}

function recordOf({ table }: Messages, id: string | undefined): number {
  return id === undefined ? -1 : table.ids.find(Buffer.from(id, 'hex'), 0);
}
