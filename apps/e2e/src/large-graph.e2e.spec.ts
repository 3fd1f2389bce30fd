import { newId, type LineageEvent } from '@factflow/domain';
import { completed, registered } from '@factflow/domain/testing';
import { get, post } from './testing/posting';
import { startSystem, type System } from './testing/system';

const RECORDS = 12_000;
const MAIN_LINE = 10_000;

interface Node {
  readonly id: string;
  readonly parents: readonly string[];
  readonly at: number;
}

/** Numbers from 0 to `below` that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A graph shaped like the history of a repository: a line 10,000 deep, and side lines that leave it and come back. */
function commitGraph(): Node[] {
  const pick = numbers(20_260_101);
  const nodes: Node[] = [];
  const started = Date.now();
  const add = (...parents: string[]): string => {
    const id = newId();
    nodes.push({ id, parents: [...new Set(parents)], at: started + nodes.length });
    return id;
  };
  let open: string[] = [];
  let tip = add();
  for (let depth = 1; depth < MAIN_LINE; depth += 1) {
    const merged = open.length > 0 && pick(12) === 0 ? open.splice(pick(open.length), 1 + pick(3)) : [];
    if (nodes.length < RECORDS - (MAIN_LINE - depth) && pick(3) === 0) {
      const from = open.length > 0 && pick(2) === 0 ? (open[pick(open.length)] as string) : tip;
      open = [...open.filter((id) => id !== from), add(from)];
    }
    tip = add(tip, ...merged);
  }
  while (nodes.length < RECORDS) add(tip);
  return nodes;
}

/** Fewest steps to everything that can be reached, breadth first. */
function distances(from: string, next: (id: string) => readonly string[]): Map<string, number> {
  const found = new Map([[from, 0]]);
  for (const [id, depth] of found) for (const to of next(id)) if (!found.has(to)) found.set(to, depth + 1);
  found.delete(from);
  return found;
}

type Place = readonly [id: string, depth: number];
interface Item {
  readonly id: string;
  readonly depth: number;
  readonly direction: string;
}

let system: System;
const executionId = newId();
const nodes = commitGraph();
const byId = new Map(nodes.map((node) => [node.id, node]));
const children = new Map<string, string[]>();
for (const { id, parents } of nodes)
  for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), id]);

beforeAll(async () => {
  system = await startSystem();
  const at = { executionId };
  const events = nodes.flatMap(
    ({ id, parents: [parentId, ...joinedParentIds], at: time }): LineageEvent[] => [
      registered(
        id,
        { ...at, at: time },
        { ...(parentId ? { parentId } : {}), ...(joinedParentIds.length > 0 ? { joinedParentIds } : {}) },
      ),
      completed(id, { ...at, at: time + RECORDS }),
    ],
  );
  for (let start = 0; start < events.length; start += 5_000) {
    const { status, body } = await post(system.command.url, events.slice(start, start + 5_000), {
      array: false,
      gzip: true,
    });
    expect({ status, rejected: body.rejected.slice(0, 3) }).toEqual({ status: 200, rejected: [] });
  }
}, 120_000);
afterAll(() => system?.stop(), 60_000);

const expected = (id: string) => ({
  ancestors: distances(id, (at) => byId.get(at)?.parents ?? []),
  descendants: distances(id, (at) => children.get(at) ?? []),
});

/** Each once, shallow before deep; the order within a depth is by start. */
function expectPlaces(places: readonly Place[], distance: ReadonlyMap<string, number>): void {
  expect(new Map(places)).toEqual(distance);
  expect(places).toHaveLength(distance.size);
  expect(places.every(([, depth], n) => n === 0 || depth >= (places[n - 1] as Place)[1])).toBe(true);
}

async function paged(id: string): Promise<Record<'ancestors' | 'descendants', Place[]>> {
  const all = { ancestors: [] as Place[], descendants: [] as Place[] };
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${cursor}`;
    const path = `/lineage/${id}/chain?execution_id=${executionId}&limit=1000${more}`;
    const { body } = await get<{ ancestors: Item[]; descendants: Item[]; next_cursor: string | null }>(
      system.query.url,
      path,
    );
    all.ancestors.push(...body.ancestors.map((item): Place => [item.id, item.depth]));
    all.descendants.push(...body.descendants.map((item): Place => [item.id, item.depth]));
    cursor = body.next_cursor;
  }
  return all;
}

async function streamed(id: string): Promise<Item[]> {
  const { body } = await get<string>(system.query.url, `/lineage/${id}/chain`, {
    accept: 'application/x-ndjson',
  });
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Item);
}

describe('a graph of 12,000 records, 10,000 deep', () => {
  it('has hundreds of joins, and all of it is done', async () => {
    expect(nodes).toHaveLength(RECORDS);
    expect(nodes.filter(({ parents }) => parents.length > 1).length).toBeGreaterThan(300);
    const { body } = await get(system.query.url, `/executions/${executionId}`);
    expect(body).toMatchObject({ unsettled: 0, placeholders: 0, counts: { completed: RECORDS, pending: 0 } });
  });

  const first = nodes[0] as Node;
  const middle = nodes[RECORDS >> 1] as Node;
  const last = nodes.findLast(({ parents }) => parents.length > 1) as Node;
  it.each([
    ['its root', first.id],
    ['a record in the middle', middle.id],
    ['its last join', last.id],
  ])(
    'is traced from %s as a walk of its own finds it, paged and streamed',
    async (_, id) => {
      const { ancestors, descendants } = expected(id);
      const pages = await paged(id);
      expectPlaces(pages.ancestors, ancestors);
      expectPlaces(pages.descendants, descendants);
      const [self, ...rest] = await streamed(id);
      expect(self).toMatchObject({ id, direction: 'self', depth: 0, completion: 'done' });
      expect(rest.map((item): Place => [item.id, item.depth])).toEqual([
        ...pages.ancestors,
        ...pages.descendants,
      ]);
      expect(Math.max(...rest.map(({ depth }) => depth))).toBeGreaterThan(1_000);
    },
    60_000,
  );
});
