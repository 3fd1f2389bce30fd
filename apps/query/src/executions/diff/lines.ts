import { targetsOf, type Adjacency } from './adjacency';
import type { RecordTable } from './record-table';

/** Lines of attempts: a forest of records whose roots are the smallest numbers. */
export class Lines {
  private readonly above: Int32Array;

  constructor(size: number) {
    this.above = Int32Array.from({ length: size }, (_, n) => n);
  }

  rootOf(record: number): number {
    let at = record;
    for (;;) {
      const above = this.above[at] ?? at;
      if (above === at) return at;
      this.above[at] = this.above[above] ?? above;
      at = above;
    }
  }

  unite(a: number, b: number): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)];
    this.above[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }
}

/** Attempts that are at one message each. */
export function linesOf(table: RecordTable, children: Adjacency): Lines {
  const lines = new Lines(table.size);
  uniteRetries(table, lines);
  uniteRepeated(table, children, lines);
  return lines;
}

/** Attempts name the first one or the one before; several may name one that is not there. */
function uniteRetries(table: RecordTable, lines: Lines): void {
  const absent = new Map<string, number>();
  table.retries.each(table.ids, (retry, of, bytes, offset) => {
    if (of >= 0) return lines.unite(retry, of);
    const id = bytes.toString('latin1', offset, offset + 16);
    const other = absent.get(id);
    if (other === undefined) absent.set(id, retry);
    else lines.unite(retry, other);
  });
}

/** Unites what attempts at one message registered alike; what that makes several attempts of is looked at in turn. */
function uniteRepeated(table: RecordTable, children: Adjacency, lines: Lines): void {
  const attempts = attemptsOf(table, lines);
  const waiting = [...attempts.keys()];
  for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
    const alike = new Map<string, number>();
    for (const record of attempts.get(lines.rootOf(line)) ?? []) {
      for (const [key, child] of keyedChildren(table, children, record)) {
        const earlier = alike.get(key);
        if (earlier === undefined) alike.set(key, child);
        else if (lines.rootOf(earlier) !== lines.rootOf(child)) {
          waiting.push(uniteLines(lines, attempts, earlier, child));
        }
      }
    }
  }
}

/** The children of a record whose input is known, each under adapter, input and which of those that have both it is. */
function keyedChildren(table: RecordTable, children: Adjacency, record: number): [string, number][] {
  const seen = new Map<string, number>();
  return [...new Set(targetsOf(children, record))]
    .sort((a, b) => table.compare(a, b))
    .flatMap((child): [string, number][] => {
      const key = keyOf(table, child);
      if (key === undefined) return [];
      const nth = seen.get(key) ?? 0;
      seen.set(key, nth + 1);
      return [[`${key}/${nth}`, child]];
    });
}

/** @returns the root of the line that two lines become */
function uniteLines(lines: Lines, attempts: Map<number, number[]>, a: number, b: number): number {
  const [rootA, rootB] = [lines.rootOf(a), lines.rootOf(b)];
  const both = [...(attempts.get(rootA) ?? [rootA]), ...(attempts.get(rootB) ?? [rootB])];
  attempts.delete(rootA);
  attempts.delete(rootB);
  lines.unite(a, b);
  attempts.set(lines.rootOf(a), both);
  return lines.rootOf(a);
}

/** Adapter and input; undefined where the input is not known, and nothing tells what is the same. */
function keyOf({ place, inputs }: RecordTable, record: number): string | undefined {
  const [high, low] = [inputs.high(record), inputs.low(record)];
  return high === 0 && low === 0 ? undefined : `${place[record]}/${high}/${low}`;
}

/** The lines of more than one attempt, by root. */
function attemptsOf(table: RecordTable, lines: Lines): Map<number, number[]> {
  const attempts = new Map<number, number[]>();
  // A root is smaller than the others of its line.
  for (let n = 0; n < table.size; n += 1) {
    const root = lines.rootOf(n);
    if (root === n) continue;
    const line = attempts.get(root);
    if (line) line.push(n);
    else attempts.set(root, [root, n]);
  }
  return attempts;
}
