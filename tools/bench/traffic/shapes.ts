import type { LineageEvent, RecordRegisteredData } from '@factflow/domain';
import type { Random } from './random';

/** Facts of one execution with a shape of its own. */
export interface Shape {
  readonly executionId: string;
  /** ids of its records, in the order in which they were registered */
  readonly recordIds: readonly string[];
  /** what comes first */
  readonly begin: readonly LineageEvent[];
  /** what happens to the bulk of its records */
  readonly events: readonly LineageEvent[];
  /** what comes last */
  readonly end: readonly LineageEvent[];
}

/** Writes facts of one execution. */
class Teller {
  readonly executionId: string;

  constructor(
    private readonly random: Random,
    private readonly startMs: number,
  ) {
    this.executionId = random.id(startMs);
  }

  started(): LineageEvent {
    return { type: 'execution.started', ...this.head(0), data: { name: 'bench' } };
  }

  ended(atMs: number): LineageEvent {
    return { type: 'execution.completed', ...this.head(atMs), data: {} };
  }

  registered(recordId: string, atMs: number, data: Partial<RecordRegisteredData>): LineageEvent {
    const inputHash = this.random.hash();
    const common = { routeId: 'documents', adapterName: 'embed', started: true, inputHash };
    return { type: 'record.registered', recordId, ...this.head(atMs), data: { ...common, ...data } };
  }

  completed(recordId: string, atMs: number): LineageEvent {
    return {
      type: 'record.completed',
      recordId,
      ...this.head(atMs),
      data: { outputHash: this.random.hash() },
    };
  }

  newId(atMs: number): string {
    return this.random.id(this.startMs + atMs);
  }

  private head(atMs: number): { eventId: string; executionId: string; occurredAt: number } {
    const occurredAt = this.startMs + atMs;
    return { eventId: this.random.id(occurredAt), executionId: this.executionId, occurredAt };
  }
}

/** One parent, first to begin and last to end, with so many children, some of which are at work at once. */
export function hotParent(random: Random, startMs: number, children: number): Shape {
  const AT_WORK = 64;
  const teller = new Teller(random, startMs);
  const parent = teller.newId(1);
  const ids = Array.from({ length: children }, (_, n) => teller.newId(2 + n));
  const events = ids.flatMap((id, n) => {
    const begun = teller.registered(id, 2 + n, { parentId: parent });
    const before = ids[n - AT_WORK];
    return before === undefined ? [begun] : [begun, teller.completed(before, 2 + n)];
  });
  const last = ids.slice(-AT_WORK).map((id, n) => teller.completed(id, 2 + children + n));
  const after = 2 + children + AT_WORK;
  return {
    executionId: teller.executionId,
    recordIds: [parent, ...ids],
    begin: [teller.started(), teller.registered(parent, 1, { adapterName: 'chunk' })],
    events: [...events, ...last],
    end: [teller.completed(parent, after), teller.ended(after + 1)],
  };
}

/** A line of records, each the child of the one before; all complete from the top, and the leaf, `end`, comes last. */
export function deepLine(random: Random, startMs: number, depth: number): Shape {
  const teller = new Teller(random, startMs);
  const ids = Array.from({ length: depth }, (_, n) => teller.newId(1 + n));
  const leaf = ids[depth - 1] as string;
  return {
    executionId: teller.executionId,
    recordIds: ids,
    begin: [teller.started()],
    events: ids.flatMap((id, n) => {
      const parent = ids[n - 1];
      const begun = teller.registered(id, 1 + n, parent === undefined ? {} : { parentId: parent });
      return parent === undefined ? [begun] : [begun, teller.completed(parent, 1 + n)];
    }),
    end: [teller.completed(leaf, 1 + depth)],
  };
}

/** An execution of one parent that ends while its children are at work, in the order of time. */
export function family(random: Random, startMs: number, children: number): LineageEvent[] {
  const teller = new Teller(random, startMs);
  const parent = teller.newId(1);
  const ids = Array.from({ length: children }, () => teller.newId(2));
  return [
    teller.started(),
    teller.registered(parent, 1, { adapterName: 'chunk' }),
    ...ids.map((id) => teller.registered(id, 2, { parentId: parent })),
    teller.completed(parent, 3),
    ...ids.map((id) => teller.completed(id, 4)),
    teller.ended(5),
  ];
}

/** A tree: every record has `width` children, and every tenth is a join that its elder sibling leads to as well. */
export function wideTree(random: Random, startMs: number, records: number, width: number): Shape {
  const teller = new Teller(random, startMs);
  const ids = Array.from({ length: records }, (_, n) => teller.newId(1 + n));
  const parentOf = (n: number): string | undefined => ids[Math.floor((n - 1) / width)];
  return {
    executionId: teller.executionId,
    recordIds: ids,
    begin: [teller.started()],
    events: [
      ...ids.map((id, n) => {
        const parentId = parentOf(n);
        const joinedParentIds = n % 10 === 9 ? [ids[n - 1] as string] : undefined;
        return teller.registered(id, 1 + n, {
          adapterName: ['parse', 'chunk', 'embed'][n % 3] as string,
          ...(parentId === undefined ? {} : { parentId }),
          ...(joinedParentIds ? { joinedParentIds } : {}),
          metadata: { worker: `worker-${n % 9}`, attempt: 1 },
        });
      }),
      ...ids.map((id, n) => teller.completed(id, 1 + records + n)),
    ],
    end: [teller.ended(2 + 2 * records)],
  };
}
