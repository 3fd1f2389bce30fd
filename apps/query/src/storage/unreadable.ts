import { PayloadStoreUnavailable, type PayloadStore } from '@factflow/payloads';

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
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
