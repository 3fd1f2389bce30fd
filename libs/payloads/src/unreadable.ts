import { PayloadStoreUnavailable } from './payload-errors';
import type { PayloadStore } from './payload-store';

/**
 * Why one payload cannot be read while its store can: a folder in its place, a bad sector, rights of its own.
 * @returns undefined when it is the store that is away, or when the failure is none of a store
 */
export async function unreadableReason(store: PayloadStore, error: unknown): Promise<string | undefined> {
  if (!(error instanceof PayloadStoreUnavailable)) return undefined;
  const isThere = await store.check('read').then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  return (error.cause as Partial<Error> | undefined)?.message || error.message;
}

/** Whether the store has all bytes of a key. What is damaged or cannot be read is to be written again. */
export async function hasWhole(store: PayloadStore, key: string): Promise<boolean> {
  try {
    return (await store.verify(key)) === 'ok';
  } catch (error) {
    if ((await unreadableReason(store, error)) === undefined) throw error;
    return false;
  }
}
