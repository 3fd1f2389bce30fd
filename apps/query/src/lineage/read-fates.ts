import type { Reader } from '../database/database';
import { readAttempts, type Attempts, type Tried } from './read-attempts';

/** Replays of replays are followed so far. */
const STEPS = 8;

/**
 * What came of a failure: a retry or replay of it is done, or it was tried again in vain, or it was left as it is. A replay that
 * was cancelled before anybody had begun with it is no try, though what replays that may be one.
 */
export type Fate = 'fixed' | 'tried' | 'left';

const isDone = ({ retry, replay }: Attempts): boolean =>
  retry?.completion === 'done' || replay?.completion === 'done';

/**
 * What came of failures. What was tried again in vain may have been retried or replayed in its turn: that takes a statement
 * more for each turn, for these alone.
 */
export async function readFates(reader: Reader, records: readonly Tried[]): Promise<Fate[]> {
  const fates: Fate[] = records.map(() => 'left');
  let open: { readonly n: number; readonly record: Tried }[] = records.map((record, n) => ({ n, record }));
  for (let step = 0; step < STEPS && open.length > 0; step += 1) {
    const attempts = await readAttempts(
      reader,
      open.map(({ record }) => record),
    );
    const next: typeof open = [];
    open.forEach(({ n }, place) => {
      const found = attempts[place];
      if (fates[n] === 'fixed' || !found || (!found.retry && !found.replay)) return;
      if (isDone(found)) fates[n] = 'fixed';
      else if (found.retry || found.replay?.begun) fates[n] = 'tried';
      for (const again of [found.retry, found.replay]) {
        if (again && fates[n] !== 'fixed') next.push({ n, record: { ...again, retry_of: null } });
      }
    });
    open = next;
  }
  return fates;
}
