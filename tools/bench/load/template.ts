import type { LineageEvent, RecordRegisteredData } from '@factflow/domain';
import { createHash } from 'node:crypto';

// One execution whose rows are multiplied on the server. Everything that differs between executions is text that
// stands nowhere else, so that it can be replaced: the execution's id, the beginning of all other ids, and the
// beginning of every hash.

/** The id of the execution. It is of no time anybody has a partition for. */
export const TEMPLATE_EXECUTION = 'facade00-face-7ade-8ade-facefacefade';
/** How all ids of its records, events and batches begin; four more digits follow. */
export const TEMPLATE_IDS = 'fade0000-fade-7ade-8ade-fadefade';
/** How the digits of all its hashes begin; 32 more follow. */
export const TEMPLATE_HASHES = 'fadefadefadefadefadefadefadefade';
/** When it begins. */
export const TEMPLATE_MS = Date.UTC(2020, 0, 1);

/** Records of one tree: a document that is parsed, cut into chunks, and put together again in part. */
export const TREE_RECORDS = 50;
const EVENT_IDS = 0x4000;
const BATCH_IDS = 0xf000;

/** The id of record `n`, counted from 0. Trees follow each other, the root of each first. */
const idOf = (n: number): string => TEMPLATE_IDS + n.toString(16).padStart(4, '0');
const hashOf = (text: string): string =>
  `sha256:${TEMPLATE_HASHES}${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;

/** Trees of 50 records, two events for each record: one record in fifty fails, one in fifty is a join. */
export function templateEvents(trees: number): LineageEvent[] {
  const events: LineageEvent[] = [];
  let sequence = 0;
  const add = (atMs: number, fact: object): void => {
    sequence += 1;
    events.push({
      eventId: idOf(EVENT_IDS + sequence),
      executionId: TEMPLATE_EXECUTION,
      occurredAt: TEMPLATE_MS + atMs,
      source: { recorderId: idOf(BATCH_IDS - 1), sequence },
      ...fact,
    } as LineageEvent);
  };
  add(0, { type: 'execution.started', data: { name: 'nightly-import', metadata: { trigger: 'schedule' } } });
  for (let tree = 0; tree < trees; tree += 1) {
    for (let n = 0; n < TREE_RECORDS; n += 1) addRecord(tree, n, add);
  }
  add(trees * TREE_MS + 1, { type: 'execution.completed', data: {} });
  return events.sort((a, b) => a.occurredAt - b.occurredAt);
}

const TREE_MS = 400;
const FAILING = 30;
const JOIN = TREE_RECORDS - 1;
/** When each of the first three begins and ends; they end after their children are registered. */
const TRUNK = [
  ['discover', 0, 12],
  ['parse', 6, 30],
  ['chunk', 20, 90],
] as const;

function addRecord(tree: number, n: number, add: (atMs: number, fact: object) => void): void {
  const trunk = TRUNK[n];
  const id = (of: number): string => idOf(tree * TREE_RECORDS + of);
  const begin = tree * TREE_MS + (trunk?.[1] ?? (n === JOIN ? 320 : 22 + n));
  const end = trunk
    ? tree * TREE_MS + trunk[2]
    : begin + 1 + ((n * 7919 + tree * 104729) % 200) / (n === JOIN ? 4 : 1);
  const parentId = n === 0 ? undefined : n === JOIN ? id(3) : id(Math.min(n - 1, 2));
  const data: RecordRegisteredData = {
    routeId: 'documents',
    adapterName: trunk?.[0] ?? (n === JOIN ? 'index' : 'embed'),
    started: true,
    inputHash: hashOf(`in ${tree} ${n}`),
    ...(parentId === undefined ? {} : { parentId }),
    ...(n === JOIN ? { joinedParentIds: Array.from({ length: 11 }, (_, m) => id(4 + m)) } : {}),
    ...(n > 2 && n !== JOIN ? { batchId: idOf(BATCH_IDS + tree) } : {}),
    metadata: { worker: `worker-${n % 9}`, attempt: 1 },
  };
  add(begin, { type: 'record.registered', recordId: id(n), data });
  const error = { class: 'TimeoutError', message: 'no answer from the model after 30 s' };
  if (n === FAILING) add(Math.floor(end), { type: 'record.failed', recordId: id(n), data: { error } });
  else
    add(Math.floor(end), {
      type: 'record.completed',
      recordId: id(n),
      data: { outputHash: hashOf(`out ${tree} ${n}`) },
    });
}
