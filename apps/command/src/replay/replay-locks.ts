import type { Transaction } from './replay-source';

/** First of the two keys of our advisory locks here; any number no other lock of ours uses. */
const REPLAY_LOCK = 4_017_205;

const TRY_LOCK_SQL = `SELECT pg_try_advisory_xact_lock(${REPLAY_LOCK}, hashtext($1)) AS held`;

/** Work that one command app does at a time. */
export type ReplayTask = 'leases' | 'dead letters' | `events of ${string}` | `jobs of ${string}`;

/** @returns whether the transaction has the task to itself until it ends; false: somebody else is at it */
export async function holds(transaction: Transaction, task: ReplayTask): Promise<boolean> {
  const [row] = await transaction.rows<{ held: boolean }>(TRY_LOCK_SQL, [task]);
  return row?.held === true;
}
