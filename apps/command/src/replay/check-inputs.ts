import { isPayloadKey } from '@factflow/domain';
import { unreadableReason, type PayloadStore } from '@factflow/payloads';
import type { FieldError } from '@factflow/server';
import { itemColumns, type ReplayInput, type ReplayItem } from './replay';
import type { Transaction } from './replay-source';

const PAGE = 1000;
/** Payloads that are read at once. */
const READ_AT_ONCE = 8;
/** Verdicts that are remembered: messages that share their bytes mostly follow each other. */
const REMEMBERED = 10_000;
/** Records that are named. */
export const MAX_NAMED = 100;

// Served by the primary key.
const PAGE_SQL = `
  SELECT ${itemColumns('i')} FROM lineage_replay_item i WHERE execution_id = $1 AND n > $2 ORDER BY n LIMIT ${PAGE}`;

type Verdict = Awaited<ReturnType<PayloadStore['verify']>> | { readonly unreadable: string };

/** What is wrong with the inputs of a replay. */
export interface BadInputs {
  /** records whose input cannot be had */
  readonly total: number;
  /** the first of them */
  readonly named: readonly FieldError[];
}

/** Reads every input of a replay and says which are not there, cannot be read, are not what they were, or were redacted. */
export async function checkInputs(
  transaction: Transaction,
  store: PayloadStore,
  executionId: string,
): Promise<BadInputs> {
  const verdicts = new Map<string, Verdict>();
  const named: FieldError[] = [];
  let total = 0;
  for (let last = 0, more = true; more;) {
    const items = await transaction.rows<ReplayItem>(PAGE_SQL, [executionId, last]);
    await verifyAll(store, items, verdicts);
    for (const item of items) {
      const wrong = problemOf(item, verdicts);
      if (wrong === undefined) continue;
      total += 1;
      if (named.length < MAX_NAMED) named.push({ field: `records.${item.original_id}`, message: wrong });
    }
    if (verdicts.size > REMEMBERED) verdicts.clear();
    last = items.at(-1)?.n ?? last;
    more = items.length === PAGE;
  }
  return { total, named };
}

async function verifyAll(
  store: PayloadStore,
  items: readonly ReplayItem[],
  verdicts: Map<string, Verdict>,
): Promise<void> {
  const keys = new Set<string>();
  for (const { inputs } of items)
    for (const { key, redacted } of inputs)
      if (key !== null && !redacted && !verdicts.has(key)) keys.add(key);
  const left = keys.values();
  const reader = async (): Promise<void> => {
    for (const key of left) verdicts.set(key, await verdictOn(store, key));
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, reader));
}

/** @throws PayloadStoreUnavailable when it is the store that cannot be read, and not this one payload */
async function verdictOn(store: PayloadStore, key: string): Promise<Verdict> {
  try {
    return await store.verify(key);
  } catch (error) {
    const reason = await unreadableReason(store, error);
    if (reason === undefined) throw error;
    return { unreadable: reason };
  }
}

function problemOf(item: ReplayItem, verdicts: ReadonlyMap<string, Verdict>): string | undefined {
  for (const input of item.inputs) {
    const wrong = wrongWith(input, verdicts) ?? otherThanHash(item, input);
    if (wrong === undefined) continue;
    return `${input.from === undefined ? 'its input' : `the output of its parent ${input.from}`} ${wrong}`;
  }
  return undefined;
}

function wrongWith(
  { key, redacted }: ReplayInput,
  verdicts: ReadonlyMap<string, Verdict>,
): string | undefined {
  if (key === null) return 'was not captured';
  if (redacted) return `was redacted: what is stored, ${key}, is not what the adapter got`;
  const verdict = verdicts.get(key) ?? 'missing';
  if (typeof verdict === 'object') return `is stored, but ${key} cannot be read: ${verdict.unreadable}`;
  switch (verdict) {
    case 'ok':
      return undefined;
    case 'corrupt':
      return `is stored, but the bytes of ${key} are not those it was made from`;
    case 'missing':
      return `is not in the payload store: ${key}`;
  }
}

/** The key of what was captured of a message itself is its input hash, where that is a digest. */
function otherThanHash({ input_hash: hash }: ReplayItem, { key, from }: ReplayInput): string | undefined {
  if (from !== undefined || hash === null || !isPayloadKey(hash) || hash === key) return undefined;
  return `was captured as ${key}, but its input hash is ${hash}: its bytes are not those that went in`;
}
