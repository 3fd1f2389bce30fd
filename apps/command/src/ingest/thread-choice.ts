/** Recorders that are remembered; the one that was heard of longest ago goes first. */
const MAX_RECORDERS = 10_000;
/** A request names its recorder in its first event, or is taken for one of none. */
const HEAD_BYTES = 4096;
const FIELD = '"recorder_id"';
const ID = /^\s*:\s*"([0-9a-f-]{36})"/i;
/** The longest that is looked at behind the name of the field. */
const ID_BYTES = 60;

/**
 * Chooses the thread for a request. A thread knows the rows it wrote last, so what a recorder sends goes where its last
 * request went; unless that thread has more to do than another, for what is not known can be read.
 */
export class ThreadChoice {
  private readonly threads = new Map<string, number>();

  /**
   * @param recorder what `recorderOf` says of the request
   * @param atWork how many requests each thread has
   */
  choose(recorder: string | undefined, atWork: readonly number[]): number {
    const idlest = atWork.indexOf(Math.min(...atWork));
    if (recorder === undefined) return idlest;
    const last = this.threads.get(recorder);
    const chosen =
      last === undefined || isFarBusier(atWork[last] as number, atWork[idlest] as number) ? idlest : last;
    this.threads.delete(recorder);
    this.threads.set(recorder, chosen);
    for (const oldest of this.threads.keys()) {
      if (this.threads.size <= MAX_RECORDERS) break;
      this.threads.delete(oldest);
    }
    return chosen;
  }
}

/** Half as many requests again, and more than the one that may just be ending. */
const isFarBusier = (requests: number, others: number): boolean => requests > 1 && requests * 2 > others * 3;

/** The recorder of the first event of a request, as far as a glance shows it: a wrong one costs nothing but time. */
export function recorderOf(body: Uint8Array): string | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, HEAD_BYTES));
  const at = head.indexOf(FIELD);
  if (at === -1) return undefined;
  const from = at + FIELD.length;
  return ID.exec(head.toString('latin1', from, from + ID_BYTES))?.[1];
}
