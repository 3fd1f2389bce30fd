import { createHash } from 'node:crypto';
import { completionOf, parentIdsOf, type RecordState } from '@factflow/domain';
import type { Rows } from '@factflow/domain/testing';
import { normaliseMessage } from '../lineage/normalise-message';

// What a diff must say, read off all rows at once with sets and texts, without regard to time or memory.

/** A row of a diff as far as it is compared. */
export interface ExpectedRow {
  readonly class: string;
  readonly paired_by: string | null;
  readonly a: string | null;
  readonly b: string | null;
}

interface Message {
  readonly attempts: readonly RecordState[];
  readonly last: RecordState;
}

const compareText = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
const before = (x: RecordState, y: RecordState): number =>
  (x.registration?.at ?? 0) - (y.registration?.at ?? 0) || compareText(x.id, y.id);
const placeAndInput = (record: RecordState): string =>
  JSON.stringify([record.routeId, record.adapterName, record.inputHash]);
const sha = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export function expectedDiff(rows: Rows, idA: string, idB: string): ExpectedRow[] {
  const [a, b] = [new Side(rows, idA), new Side(rows, idB)];
  const pairs = new Pairs(rows, a, b);
  const shown: ExpectedRow[] = a.messages
    .filter((message) => pairs.scopeA.has(message))
    .map((message) => {
      const [partner, via] = pairs.found.get(message) ?? [undefined, null];
      return {
        class: partner ? classOf(a, message.last, partner.last) : b.ended ? 'missing' : 'pending',
        paired_by: via,
        a: message.last.id,
        b: partner?.last.id ?? null,
      };
    });
  const paired = new Set([...pairs.found.values()].map(([message]) => message));
  for (const message of b.messages) {
    if (pairs.scopeB.has(message) && !paired.has(message))
      shown.push({ class: 'extra', paired_by: null, a: null, b: message.last.id });
  }
  return shown;
}

const isDone = (record: RecordState): boolean => completionOf(record) === 'done';
const isBad = ({ status }: RecordState): boolean => status === 'failed' || status === 'cancelled';
const failure = ({ status, error, cancelReason }: RecordState): string =>
  JSON.stringify([status, error?.class, normaliseMessage(error?.message ?? cancelReason ?? '')]);

function classOf(a: Side, before: RecordState, after: RecordState): string {
  const failedBefore = isBad(before) || (!isDone(before) && a.ended);
  if (!isDone(after) && !isBad(after)) return 'pending';
  if (!failedBefore && !isDone(before)) return 'pending';
  if (after.status === 'cancelled' && before.status !== 'cancelled') return 'newly_cancelled';
  if (isDone(after)) {
    if (failedBefore) return 'fixed';
    return before.outputHash === after.outputHash ? 'identical' : 'output_changed';
  }
  if (!failedBefore) return 'newly_failing';
  return isBad(before) && failure(before) === failure(after) ? 'failing_same' : 'failing_differently';
}

/** The messages of an execution. */
class Side {
  readonly messages: readonly Message[];
  readonly ended: boolean;
  private readonly records: readonly RecordState[];

  constructor(rows: Rows, id: string) {
    const execution = rows.executions.find((each) => each.id === id);
    this.ended =
      execution !== undefined &&
      execution.status !== 'running' &&
      (execution.status !== 'completed' || (execution.unsettled === 0 && execution.placeholders === 0));
    this.records = rows.records.filter((each) => each.executionId === id && each.registration);
    const lineOf = this.lines();
    const lines = [...new Set(lineOf.values())];
    this.messages = lines
      .map((line) => this.records.filter((record) => lineOf.get(record.id) === line).sort(before))
      .map((attempts) => ({ attempts, last: attempts.at(-1) as RecordState }))
      .sort((x, y) => before(x.attempts[0] as RecordState, y.attempts[0] as RecordState));
  }

  /** Names the line of each record; two are united until nothing says that more are the same. */
  private lines(): Map<string, string> {
    const line = new Map(this.records.map(({ id }) => [id, id]));
    const unite = (x: string, y: string): boolean => {
      const [keep, lose] = [line.get(x), line.get(y)];
      if (keep === lose) return false;
      for (const [id, of] of line) if (of === lose) line.set(id, keep as string);
      return true;
    };
    for (const { id, retryOf } of this.records) {
      if (retryOf === null) continue;
      if (line.has(retryOf)) unite(retryOf, id);
      for (const other of this.records) if (other.retryOf === retryOf) unite(other.id, id);
    }
    for (let again = true; again;) {
      again = false;
      for (const x of this.records)
        for (const y of this.records) {
          if (x === y || line.get(x.id) !== line.get(y.id)) continue;
          const [childrenX, childrenY] = [this.keyedChildren(x), this.keyedChildren(y)];
          for (const [key, child] of childrenX) {
            const same = childrenY.get(key);
            if (same !== undefined && unite(child, same)) again = true;
          }
        }
    }
    return line;
  }

  private childrenOf({ id }: RecordState): RecordState[] {
    return this.records.filter((child) => child.id !== id && parentIdsOf(child).includes(id)).sort(before);
  }

  private keyedChildren(record: RecordState): Map<string, string> {
    const keyed = new Map<string, string>();
    for (const child of this.childrenOf(record)) {
      if (child.inputHash === null) continue;
      for (let n = 0; ; n += 1) {
        const key = `${placeAndInput(child)}${n}`;
        if (keyed.has(key)) continue;
        keyed.set(key, child.id);
        break;
      }
    }
    return keyed;
  }

  /** One message for each edge to another message. */
  below(message: Message): Message[] {
    return message.attempts
      .flatMap((record) => this.childrenOf(record))
      .map((child) => this.messages.find(({ attempts }) => attempts.includes(child)) as Message)
      .filter((child) => child !== message);
  }

  own(message: Message): string {
    const { last } = message;
    return sha([placeAndInput(last), endOf(last), last.outputHash, isBad(last) ? failure(last) : '']);
  }

  whole(message: Message, levels = 8, known = new Map<string, string>()): string {
    const key = `${this.messages.indexOf(message)}/${levels}`;
    const found = known.get(key) ?? (levels === 0 ? this.own(message) : this.mixed(message, levels, known));
    known.set(key, found);
    return found;
  }

  private mixed(message: Message, levels: number, known: Map<string, string>): string {
    const children = this.below(message).map((child) => this.whole(child, levels - 1, known));
    return sha([this.own(message), children.sort()]);
  }
}

const endOf = (record: RecordState): string =>
  isBad(record) ? record.status : isDone(record) ? 'done' : 'open';

class Pairs {
  readonly found = new Map<Message, readonly [Message, string]>();
  readonly scopeA: ReadonlySet<Message>;
  readonly scopeB: ReadonlySet<Message>;
  private readonly queue: Message[] = [];

  constructor(
    private readonly rows: Rows,
    private readonly a: Side,
    private readonly b: Side,
  ) {
    this.pairReplays();
    const replayed = [...this.found];
    const isReplay = b.messages.some(({ attempts }) => attempts.some((each) => each.replayOfRecord !== null));
    const all = <T>(list: readonly T[]): Set<T> => new Set(list);
    this.scopeA =
      replayed.length > 0
        ? reach(
            a,
            replayed.map(([message]) => message),
          )
        : all(a.messages);
    this.scopeB =
      replayed.length > 0 && !isReplay
        ? reach(
            b,
            replayed.map(([, [message]]) => message),
          )
        : all(b.messages);
    this.follow();
    this.pairAlike(tops(a, this.scopeA), tops(b, this.scopeB), 'parents');
    this.follow();
    const left = a.messages.filter((message) => this.scopeA.has(message) && !this.found.has(message));
    for (const key of new Set(left.map(({ last }) => placeAndInput(last)))) {
      const alike = ({ last }: Message): boolean => placeAndInput(last) === key;
      this.pairAlike(a.messages.filter(alike), b.messages.filter(alike), 'input');
      this.follow();
    }
  }

  private pair(x: Message, y: Message, via: string): void {
    this.found.set(x, [y, via]);
    this.queue.push(x);
  }

  private hasB(y: Message): boolean {
    return [...this.found.values()].some(([message]) => message === y);
  }

  private pairReplays(): void {
    const { a, b } = this;
    const tryPair = (x: Message | undefined, y: Message | undefined): void => {
      if (x && y && !this.found.has(x) && !this.hasB(y)) this.pair(x, y, 'replay');
    };
    const named = (side: Side): [Message, string][] =>
      side.messages.flatMap((message) =>
        [...message.attempts]
          .sort((x, y) => compareText(x.id, y.id))
          .flatMap((each): [Message, string][] =>
            each.replayOfRecord === null ? [] : [[message, each.replayOfRecord]],
          ),
      );
    const holder = (side: Side, id: string): Message | undefined =>
      side.messages.find(({ attempts }) => attempts.some((each) => each.id === id));
    for (const [y, id] of named(b)) tryPair(holder(a, id), y);
    for (const [x, id] of named(a)) tryPair(x, holder(b, id));
    const origins = new Map<string, Message>();
    for (const [x, id] of named(a))
      if (!this.found.has(x) && !origins.has(this.origin(id))) origins.set(this.origin(id), x);
    for (const [y, id] of named(b)) tryPair(origins.get(this.origin(id)), y);
    for (const [y, id] of named(b)) tryPair(holder(a, this.origin(id)), y);
    for (const [x, id] of named(a)) tryPair(x, holder(b, this.origin(id)));
  }

  /** Where the chain of replays that a record is in begins. */
  private origin(id: string): string {
    let at = id;
    for (let step = 0; step < 32; step += 1) {
      const next = this.rows.records.find((each) => each.id === at)?.replayOfRecord;
      if (next === null || next === undefined) break;
      at = next;
    }
    return at;
  }

  private follow(): void {
    for (let x = this.queue.shift(); x; x = this.queue.shift()) {
      const [y] = this.found.get(x) as readonly [Message, string];
      this.pairAlike(this.a.below(x), this.b.below(y), 'parents');
    }
  }

  private pairAlike(listA: readonly Message[], listB: readonly Message[], via: string): void {
    const openA = this.a.messages.filter(
      (x) => listA.includes(x) && this.scopeA.has(x) && !this.found.has(x),
    );
    for (const key of new Set(openA.map(({ last }) => placeAndInput(last)))) {
      const alike = ({ last }: Message): boolean => placeAndInput(last) === key;
      const rounds: ((side: Side, message: Message) => string)[] = [
        (side, message) => side.whole(message),
        (side, message) => side.own(message),
        (_side, { last }) => (isBad(last) ? 'bad' : endOf(last)),
        () => '',
      ];
      for (const of of rounds) {
        for (const x of openA.filter(alike)) {
          if (this.found.has(x)) continue;
          const y = this.b.messages.find(
            (each) =>
              listB.includes(each) &&
              this.scopeB.has(each) &&
              alike(each) &&
              !this.hasB(each) &&
              of(this.b, each) === of(this.a, x),
          );
          if (y) this.pair(x, y, via);
        }
      }
    }
  }
}

function reach(side: Side, from: readonly Message[]): Set<Message> {
  const reached = new Set(from);
  const isAbove = (child: Message) => (parent: Message) => side.below(parent).includes(child);
  const comesOfThem = (child: Message): boolean => {
    const parents = side.messages.filter(isAbove(child));
    return parents.length > 0 && parents.every((parent) => reached.has(parent));
  };
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    for (const message of side.messages) if (comesOfThem(message)) reached.add(message);
  }
  return reached;
}

function tops(side: Side, scope: ReadonlySet<Message>): Message[] {
  const below = new Set([...scope].flatMap((message) => side.below(message)));
  return side.messages.filter((message) => !below.has(message));
}
