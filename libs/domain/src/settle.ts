import { emptyRecord, isSettled, isTerminal, parentIdsOf, type RecordKey, type RecordState } from './record';
import type { IdMap } from './id-map';

// `pendingChildren(p)` counts the registered children of p that have not settled; settled(r) means registered, terminal
// and no pending children. Of the solutions the least is meant: a cycle never settles. It is kept incrementally:
//
//   1. edges that went are taken out of the counts, records that can settle on the strength of new edges alone settle
//      first (a record all of whose children are such: complete sub-trees arrive in one batch as a rule);
//   2. every other new edge counts as unsettled; a parent that was settled unsettles, and so on upward;
//   3. terminal records with count 0 settle, upward through terminal ancestors.
//
// Step 2 before step 3 is what makes the solution the least one: everything that could rest on a new cycle has been
// unsettled before anything may settle again.

/** One record while a batch is projected. */
export interface Node {
  /** as it stood before the batch; `null` when it did not exist */
  readonly before: RecordState | null;
  /** as its own events make it; its counts are those of before the batch */
  facts: RecordState;
  children: number;
  pendingChildren: number;
  /** whether its parents count it as finished */
  settled: boolean;
}

/** The records a batch reaches. */
export type Nodes = IdMap<Node>;

/** Adds the rows of these records, and of what lies above them through terminal ancestors, to the nodes. */
export type LoadAncestors = (records: readonly RecordKey[]) => Promise<void>;

export interface Edge {
  readonly child: Node;
  readonly parent: Node;
}

/** A node for a row as it was read. */
export const nodeOf = (row: RecordState): Node => ({
  before: row,
  facts: row,
  children: row.children,
  pendingChildren: row.pendingChildren,
  settled: isSettled(row),
});

/** A node for a record that does not exist yet. */
export const newNode = (key: RecordKey): Node => ({
  before: null,
  facts: emptyRecord(key),
  children: 0,
  pendingChildren: 0,
  settled: false,
});

const hasEnded = ({ facts }: Node): boolean => facts.registration !== null && isTerminal(facts.status);
const canSettle = (node: Node): boolean => !node.settled && node.pendingChildren === 0 && hasEnded(node);

/**
 * Brings `pendingChildren` and `settled` of all nodes to the least solution after a batch.
 * @param nodes what is loaded: records of the batch with their parents; grows through `load`
 * @param touched the records that events of the batch are about
 * @param added edges that are new with this batch; `children` of the parents counts them already
 * @param removed edges that went with this batch
 */
export async function settle(
  nodes: Nodes,
  touched: readonly Node[],
  added: readonly Edge[],
  removed: readonly Edge[],
  load: LoadAncestors,
): Promise<void> {
  for (const { child, parent } of removed) if (!child.settled) parent.pendingChildren -= 1;

  const newParents = parentsByChild(added);
  const certain = certainlySettled(touched, newParents);
  const unsettling = new Set<Node>();
  for (const [child, parents] of newParents) {
    if (certain.has(child)) continue;
    if (child.settled) unsettling.add(child);
    for (const parent of parents) {
      parent.pendingChildren += 1;
      if (parent.settled) unsettling.add(parent);
    }
  }
  const isNew = (child: Node, parent: Node): boolean => newParents.get(child)?.includes(parent) ?? false;
  const unsettled = await climb(nodes, unsettling, false, load, (child, parent) => {
    if (!isNew(child, parent)) parent.pendingChildren += 1;
    return parent.settled;
  });

  const candidates = new Set(touched.filter(canSettle));
  for (const node of unsettled) if (canSettle(node)) candidates.add(node);
  for (const { parent } of removed) if (canSettle(parent)) candidates.add(parent);
  for (const { parent } of added) if (canSettle(parent)) candidates.add(parent);
  await climb(nodes, candidates, true, load, (child, parent) => {
    if (!(certain.has(child) && isNew(child, parent))) parent.pendingChildren -= 1;
    return canSettle(parent);
  });
}

/**
 * Sets `settled` of the records in `start` and of all above them that follow.
 * @param pass applies the change of a child to one parent and says whether the parent follows
 * @returns all records that changed
 */
async function climb(
  nodes: Nodes,
  start: ReadonlySet<Node>,
  settled: boolean,
  load: LoadAncestors,
  pass: (child: Node, parent: Node) => boolean,
): Promise<Set<Node>> {
  const changed = new Set(start);
  for (const node of start) node.settled = settled;
  let frontier = [...start];
  while (frontier.length > 0) {
    const missing = frontier.flatMap((child) => missingParents(nodes, child));
    if (missing.length > 0) await load(missing);
    const next: Node[] = [];
    for (const child of frontier) {
      for (const parent of parentsOf(nodes, child)) {
        if (!pass(child, parent)) continue;
        parent.settled = settled;
        changed.add(parent);
        next.push(parent);
      }
    }
    frontier = next;
  }
  return changed;
}

/** Ended records without children, or all of whose children are such and became theirs with this batch. */
function certainlySettled(
  touched: readonly Node[],
  newParents: ReadonlyMap<Node, readonly Node[]>,
): ReadonlySet<Node> {
  const certainChildren = new Map<Node, number>();
  const isCertain = (node: Node): boolean =>
    hasEnded(node) && node.children === (certainChildren.get(node) ?? 0);
  const certain = new Set(touched.filter(isCertain));
  // A set yields what is added to it while it is walked.
  for (const child of certain) {
    for (const parent of newParents.get(child) ?? []) {
      certainChildren.set(parent, (certainChildren.get(parent) ?? 0) + 1);
      if (isCertain(parent)) certain.add(parent);
    }
  }
  return certain;
}

function parentsByChild(edges: readonly Edge[]): ReadonlyMap<Node, readonly Node[]> {
  const result = new Map<Node, Node[]>();
  for (const { child, parent } of edges) {
    const parents = result.get(child);
    if (parents) parents.push(parent);
    else result.set(child, [parent]);
  }
  return result;
}

const missingParents = (nodes: Nodes, { facts }: Node): RecordKey[] =>
  parentIdsOf(facts)
    .map((id) => ({ executionId: facts.executionId, id }))
    .filter(({ executionId, id }) => !nodes.has(executionId, id));

const parentsOf = (nodes: Nodes, { facts }: Node): Node[] =>
  parentIdsOf(facts).map((id) => {
    const parent = nodes.get(facts.executionId, id);
    if (!parent) throw new Error(`record ${facts.id} names ${id} as a parent, which has no row`);
    return parent;
  });
