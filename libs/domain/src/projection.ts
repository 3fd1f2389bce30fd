import { compareEvents, isRecordEvent, type LineageEvent, type RecordEvent } from './events';
import type { ExecutionState } from './execution';
import { evolve, foldRecord, overturns } from './fold';
import { parentIdsOf, type RecordKey, type RecordState } from './record';
import { IdMap } from './id-map';
import { projectExecutions, projectStatistics } from './project-sums';
import type { ProjectionSource } from './projection-source';
import { changeOf, sortRecords } from './record-changes';
import { newNode, nodeOf, settle, type Edge, type Node, type Nodes } from './settle';
import type { AdapterStatistics } from './statistics';

/** A parent of a join beside its `parentId`: what the rows of joins do not make searchable from the parent's side. */
export interface JoinEdge {
  readonly executionId: string;
  readonly parentId: string;
  readonly childId: string;
}

/** What a batch changes in the rows. Every row is named once. */
export interface Projection {
  /** records that had no row */
  readonly newRecords: readonly RecordState[];
  /** records whose own events changed their row, but nothing that their registration says */
  readonly progressedRecords: readonly RecordState[];
  /** all others whose own events changed their row */
  readonly changedRecords: readonly RecordState[];
  /** records of which nothing changed but the counts of their children */
  readonly recountedRecords: readonly RecordState[];
  /** placeholders that nothing mentions any more */
  readonly removedRecords: readonly RecordState[];
  readonly joins: readonly JoinEdge[];
  readonly removedJoins: readonly JoinEdge[];
  readonly executions: readonly ExecutionState[];
  readonly statistics: readonly AdapterStatistics[];
  /** sums no record contributes to any more */
  readonly removedStatistics: readonly AdapterStatistics[];
  /** records that had an earlier decision overturned */
  readonly overturned: number;
}

/**
 * Folds a batch of new events into the rows.
 * @param events each stored already and not projected before; any order, any executions of one lane
 */
export async function project(
  events: readonly LineageEvent[],
  source: ProjectionSource,
): Promise<Projection> {
  const sorted = [...events].sort(compareEvents);
  const byRecord = groupByRecord(sorted.filter(isRecordEvent));
  const nodes = await loadNodes(byRecord, source);
  const touched = [...byRecord.values()].map((group) => ({ ...group, node: nodeIn(nodes, group) }));
  const overturned = await foldTouched(touched, source);

  const added: Edge[] = [];
  const removed: Edge[] = [];
  const own = touched.map(({ node }) => node);
  for (const child of own) compareParents(nodes, child, added, removed);
  for (const { parent } of added) parent.children += 1;
  for (const { parent } of removed) parent.children -= 1;

  await settle(nodes, own, added, removed, async (keys) => {
    for (const row of await source.ancestors(keys))
      if (!nodes.has(row.executionId, row.id)) nodes.set(row.executionId, row.id, nodeOf(row));
  });

  const changes = [...nodes.values()].map(changeOf).filter((change) => change !== undefined);
  return {
    ...sortRecords(changes),
    removedRecords: changes.flatMap(({ before, after }) => (before && !after ? before : [])),
    ...compareJoins(own),
    executions: await projectExecutions(sorted, changes, source),
    ...(await projectStatistics(changes, source)),
    overturned,
  };
}

/** Events of one record, in the order in which they decide. */
interface EventGroup extends RecordKey {
  readonly events: RecordEvent[];
}

/** A record the batch has events of. */
interface Touched extends EventGroup {
  readonly node: Node;
}

function groupByRecord(events: readonly RecordEvent[]): IdMap<EventGroup> {
  const groups = new IdMap<EventGroup>();
  for (const event of events) {
    const { executionId, recordId: id } = event;
    const known = groups.get(executionId, id);
    if (known) known.events.push(event);
    else groups.set(executionId, id, { executionId, id, events: [event] });
  }
  return groups;
}

const nodeIn = (nodes: Nodes, { executionId, id }: RecordKey): Node => nodes.get(executionId, id) as Node;

/** Nodes for all records of the batch and for all parents, old and new, of each. */
async function loadNodes(groups: IdMap<EventGroup>, source: ProjectionSource): Promise<Nodes> {
  const keys = new IdMap<RecordKey>();
  for (const group of groups.values()) {
    const { executionId, events } = group;
    keys.set(executionId, group.id, group);
    for (const event of events) {
      if (event.type !== 'record.registered') continue;
      for (const id of parentIdsOf({ parentId: null, joinedParentIds: null, ...event.data }))
        if (!keys.has(executionId, id)) keys.set(executionId, id, { executionId, id });
    }
  }
  const nodes: Nodes = new IdMap();
  const wanted = [...keys.values()];
  if (wanted.length === 0) return nodes;
  for (const row of await source.withParents(wanted)) nodes.set(row.executionId, row.id, nodeOf(row));
  for (const key of wanted)
    if (!nodes.has(key.executionId, key.id)) nodes.set(key.executionId, key.id, newNode(key));
  return nodes;
}

/** Folds the batch's events into their records. @returns how many had to be folded again from all their events */
async function foldTouched(touched: readonly Touched[], source: ProjectionSource): Promise<number> {
  const overturned: Touched[] = [];
  for (const record of touched) {
    const { node, events } = record;
    if (events.some((event) => overturns(node.facts, event))) overturned.push(record);
    else node.facts = events.reduce(evolve, node.facts);
  }
  if (overturned.length === 0) return 0;
  const stored = groupByRecord(await source.eventsOf(overturned));
  for (const { node, executionId, id } of overturned)
    node.facts = foldRecord(node.facts, stored.get(executionId, id)?.events ?? []);
  return overturned.length;
}

function compareParents(nodes: Nodes, child: Node, added: Edge[], removed: Edge[]): void {
  const before = child.before ? parentIdsOf(child.before) : [];
  const after = parentIdsOf(child.facts);
  if (before.length === 0 && after.length === 0) return;
  const { executionId } = child.facts;
  const edgeTo = (id: string): Edge => ({ child, parent: nodeIn(nodes, { executionId, id }) });
  const [had, has] = [new Set(before), new Set(after)];
  for (const id of after) if (!had.has(id)) added.push(edgeTo(id));
  for (const id of before) if (!has.has(id)) removed.push(edgeTo(id));
}

/** A parent can turn from `parentId` into a further parent and back: joins are compared on their own. */
function compareJoins(records: readonly Node[]): Pick<Projection, 'joins' | 'removedJoins'> {
  const joins: JoinEdge[] = [];
  const removedJoins: JoinEdge[] = [];
  for (const { before, facts } of records) {
    if (!before?.joinedParentIds && !facts.joinedParentIds) continue;
    const edgeTo = (parentId: string): JoinEdge => ({
      executionId: facts.executionId,
      parentId,
      childId: facts.id,
    });
    const [had, has] = [new Set(before ? joinedIds(before) : []), new Set(joinedIds(facts))];
    joins.push(...[...has].filter((id) => !had.has(id)).map(edgeTo));
    removedJoins.push(...[...had].filter((id) => !has.has(id)).map(edgeTo));
  }
  return { joins, removedJoins };
}

const joinedIds = (record: RecordState): string[] =>
  parentIdsOf(record).filter((id) => id !== record.parentId);
