import { createHash } from 'node:crypto';
import type { ReplayItem } from './replay';

// Everything a replay makes has an id that follows from the execution's: whoever makes it again, after a crash or at the
// same time, makes the same. They sort by the time the replay was asked for, as version 7 ids do.

/** @param executionId version 7, in lower case @param what tells the ids of one replay apart */
function derivedId(executionId: string, ...what: readonly (string | number)[]): string {
  const digest = createHash('sha256')
    .update([executionId, ...what].join('\n'))
    .digest('hex');
  return `${executionId.slice(0, 13)}-7${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
}

/** The record of one attempt at a message. The first one is registered before anybody works on it. */
export const attemptId = (executionId: string, n: number, attempt: number): string =>
  derivedId(executionId, 'record', n, attempt);

/** The job of a message in the queue. */
export const jobId = (executionId: string, n: number): string => derivedId(executionId, 'job', n);

/**
 * A replay is recorded by two recorders: `starter` registers its records, `keeper` says what became of them. Each numbers
 * its events without gaps wherever a replay ends.
 */
export type ReplayRecorder = 'starter' | 'keeper';

/** The recorder's id, the same in every command app. */
export const recorderId = (executionId: string, recorder: ReplayRecorder): string =>
  derivedId(executionId, 'recorder', recorder);

/** The id of an event of a replay: told again, it is a duplicate. */
export const replayEventId = (executionId: string, recorder: ReplayRecorder, sequence: number): string =>
  derivedId(executionId, 'event', recorder, sequence);

/** The record of the attempt at a message that was handed out last. */
export const recordOf = ({ execution_id: executionId, n, attempt }: ReplayItem): string =>
  attemptId(executionId, n, attempt);

/** The job of the message that an item stands for. */
export const jobOf = ({ execution_id: executionId, n }: ReplayItem): string => jobId(executionId, n);

/** In one order for all, so that nobody waits for each other crosswise. */
export const executionsOf = (items: readonly { readonly execution_id: string }[]): string[] =>
  [...new Set(items.map(({ execution_id: id }) => id))].sort();
