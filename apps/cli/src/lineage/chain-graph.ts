import type { LineageRecord } from '@factflow/client';
import type { ReadChain } from './read-chain';

/** A record of a chain with its links to the others. */
export interface Node {
  readonly record: LineageRecord;
  readonly self: boolean;
  readonly ancestor: boolean;
  readonly children: Node[];
  /** Parents that are in the chain. */
  parents: number;
  /** On the way from the first cause down to the record by `parent_id`. */
  main: boolean;
  /** Whether it, or something found below it, has failed, is stalled, or is on the main way. */
  interesting: boolean;
}

/** All parents of a record, each once. */
export const parentIdsOf = ({ parent_id: parent, joined_parent_ids: joined }: LineageRecord): string[] => [
  ...new Set([...(parent === null ? [] : [parent]), ...(joined ?? [])]),
];

/** The records of a chain linked to each other; `roots` are where drawing starts, the main way first. */
export function linkChain({ record, ancestors, descendants }: ReadChain): { nodes: Node[]; roots: Node[] } {
  const byId = new Map<string, Node>();
  const add = (of: LineageRecord, ancestor: boolean): void => {
    if (byId.has(of.id)) return;
    byId.set(of.id, {
      record: of,
      self: of === record,
      ancestor,
      children: [],
      parents: 0,
      main: false,
      interesting: of.status === 'failed' || of.stalled,
    });
  };
  add(record, false);
  // The furthest first: where a cycle leaves no root, drawing starts as far up as can be.
  for (const ancestor of [...ancestors].reverse()) add(ancestor, true);
  for (const descendant of descendants) add(descendant, false);
  const nodes = [...byId.values()];
  for (const node of nodes) link(node, byId);
  markMainWay(byId.get(record.id), byId);
  for (const node of nodes) node.children.sort(inOrder);
  const roots = nodes.filter(({ parents }) => parents === 0).sort(inOrder);
  return { nodes, roots };
}

function link(node: Node, byId: ReadonlyMap<string, Node>): void {
  for (const id of parentIdsOf(node.record)) {
    const parent = byId.get(id);
    if (!parent) continue;
    parent.children.push(node);
    node.parents += 1;
  }
}

function markMainWay(start: Node | undefined, byId: ReadonlyMap<string, Node>): void {
  for (let node = start; node && !node.main;) {
    node.main = true;
    node.interesting = true;
    const [next] = parentIdsOf(node.record).flatMap((id) => byId.get(id) ?? []);
    node = next;
  }
}

const startOf = ({ record }: Node): string => record.started_at ?? '\uffff';

/** The main way, then what leads to the record, then by time. */
function inOrder(a: Node, b: Node): number {
  if (a.main !== b.main) return a.main ? -1 : 1;
  if (a.ancestor !== b.ancestor) return a.ancestor ? -1 : 1;
  const [startA, startB] = [startOf(a), startOf(b)];
  if (startA !== startB) return startA < startB ? -1 : 1;
  return a.record.id < b.record.id ? -1 : 1;
}
