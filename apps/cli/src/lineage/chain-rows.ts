import { linkChain, type Node } from './chain-graph';
import type { ReadChain } from './read-chain';

/** A line of a tree. */
export interface TreeRow {
  /** Whether the row and each row it hangs on, from the top, are the last below theirs; empty for a root. */
  readonly trunk: Trunk | undefined;
  readonly node: Node;
  readonly kind: 'record' | 'again' | 'folded';
  /** Records that one row stands for, `node` the first of them. */
  readonly folded: readonly Node[];
  /** Records below the folded ones that stand nowhere else. */
  below: { records: number; failed: number };
  /** Whether rows hang on this one. */
  hasChildren: boolean;
}

/** Where a row hangs: shared by the rows below it, so that deep lines cost no memory. */
export interface Trunk {
  readonly last: boolean;
  readonly level: number;
  readonly above: Trunk | undefined;
  /** The deepest on the way here that is drawn as a branch; not itself: undefined where it is no deeper. */
  readonly anchor: Trunk | undefined;
}

/** The deepest level that is drawn further to the right; lines go deeper than any terminal is wide. */
export const MAX_LEVELS = 12;

/** Siblings of one adapter are folded when there are more of them. */
const FOLD_ABOVE = 6;
const SHOWN = 3;
/** Of those that are of interest, as many are shown. */
const SHOWN_OF_INTEREST = 10;

interface Piece {
  readonly node: Node;
  readonly folded: readonly Node[];
}

/** The rows of a tree in their order: each record once, with a mark where it is reached again. No recursion. */
export function rowsOf(chain: ReadChain, fold: boolean): TreeRow[] {
  const { nodes, roots } = linkChain(chain);
  spreadInterest(nodes, roots);
  const drawn = new Set<Node>();
  const rows: TreeRow[] = [];
  const draw = (starts: readonly Node[]): void => {
    const stack: { piece: Piece; trunk: Trunk | undefined }[] = [];
    const push = (children: readonly Node[], trunk: (last: boolean) => Trunk | undefined): number => {
      const pieces = fold ? foldSiblings(children) : children.map((node) => ({ node, folded: [] }));
      for (let index = pieces.length - 1; index >= 0; index -= 1) {
        const piece = pieces[index];
        if (piece) stack.push({ piece, trunk: trunk(index === pieces.length - 1) });
      }
      return pieces.length;
    };
    push(starts, () => undefined);
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { piece, trunk } = next;
      const again = piece.folded.length === 0 && drawn.has(piece.node);
      const kind = piece.folded.length > 0 ? 'folded' : again ? 'again' : 'record';
      const row: TreeRow = { ...piece, trunk, kind, below: { records: 0, failed: 0 }, hasChildren: false };
      rows.push(row);
      if (kind !== 'record') continue;
      drawn.add(piece.node);
      row.hasChildren = push(piece.node.children, (last) => trunkBelow(trunk, last)) > 0;
    }
  };
  draw(roots);
  countFolded(rows, drawn);
  // What only a cycle leads to: the records of a broken client are drawn too.
  const counted = new Set(rows.flatMap(({ node, folded }) => [node, ...folded]));
  for (const node of nodes)
    if (!drawn.has(node) && !counted.has(node) && onlyInCycles(node, roots)) draw([node]);
  return rows;
}

function trunkBelow(above: Trunk | undefined, last: boolean): Trunk {
  const level = (above?.level ?? 0) + 1;
  return { last, level, above, anchor: level > MAX_LEVELS ? (above?.anchor ?? above) : undefined };
}

const onlyInCycles = (node: Node, roots: readonly Node[]): boolean => !reachable(roots).has(node);

const reached = new WeakMap<readonly Node[], Set<Node>>();

function reachable(roots: readonly Node[]): Set<Node> {
  const known = reached.get(roots);
  if (known) return known;
  const found = new Set<Node>();
  visit(roots, (node) => !found.has(node) && found.add(node));
  reached.set(roots, found);
  return found;
}

function visit(starts: readonly Node[], enter: (node: Node) => unknown): void {
  const stack = [...starts];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (!enter(node)) continue;
    for (const child of node.children) stack.push(child);
  }
}

/** Lets the ways down to failures be seen: each along the first parent that leads to it. */
function spreadInterest(nodes: readonly Node[], roots: readonly Node[]): void {
  const from = new Map<Node, Node | undefined>();
  const order: Node[] = [];
  const stack: (readonly [Node, Node | undefined])[] = [...roots, ...nodes]
    .reverse()
    .map((node) => [node, undefined]);
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [node, parent] = next;
    if (from.has(node)) continue;
    from.set(node, parent);
    order.push(node);
    for (let index = node.children.length - 1; index >= 0; index -= 1) {
      const child = node.children[index];
      if (child) stack.push([child, node]);
    }
  }
  for (const node of order.reverse()) {
    const parent = from.get(node);
    if (parent && node.interesting) parent.interesting = true;
  }
}

/** Equal siblings as few rows: what is of interest, the first ones, and how many more there are. */
function foldSiblings(siblings: readonly Node[]): Piece[] {
  const groups = new Map<string, Node[]>();
  for (const node of siblings) {
    const key = JSON.stringify([node.record.route_id, node.record.adapter_name]);
    const group = groups.get(key);
    if (group) group.push(node);
    else groups.set(key, [node]);
  }
  return [...groups.values()].flatMap((group) => {
    const alone = (node: Node): Piece => ({ node, folded: [] });
    if (group.length <= FOLD_ABOVE) return group.map(alone);
    const main = group.filter((node) => node.main);
    const interesting = group.filter((node) => node.interesting && !node.main).slice(0, SHOWN_OF_INTEREST);
    const first = group
      .filter((node) => !node.interesting)
      .slice(0, Math.max(0, SHOWN - main.length - interesting.length));
    const chosen = new Set([...main, ...interesting, ...first]);
    const shown = group.filter((node) => chosen.has(node));
    const folded = group.filter((node) => !chosen.has(node));
    const [sample] = folded;
    if (!sample || folded.length === 1) return group.map(alone);
    return [...shown.map(alone), { node: sample, folded }];
  });
}

/** Counts what stands below folded records and nowhere else, each record once. */
function countFolded(rows: readonly TreeRow[], drawn: ReadonlySet<Node>): void {
  const folds = rows.filter(({ kind }) => kind === 'folded');
  const counted = new Set<Node>(folds.flatMap(({ folded }) => folded));
  for (const row of folds) {
    visit(
      row.folded.flatMap(({ children }) => children),
      (node) => {
        if (drawn.has(node) || counted.has(node)) return false;
        counted.add(node);
        row.below.records += 1;
        row.below.failed += Number(node.record.status === 'failed');
        return true;
      },
    );
  }
}
