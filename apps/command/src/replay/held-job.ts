import { isId } from '@factflow/domain';
import { itemColumns, type ReplayItem } from './replay';
import { ReplayError } from './replay-error';
import type { Rows } from './replay-source';

/** A job as its name has it: a message, and the lease it was handed out under. */
export interface JobName {
  readonly executionId: string;
  readonly n: number;
  readonly lease: string;
}

const MAX_N = 2 ** 31 - 1;

/** Reads the name of a job. @returns undefined when it is none */
export function parseJobName(text: string): JobName | undefined {
  const [executionId = '', n = '', lease = '', ...more] = text.split('.');
  if (more.length > 0 || !isId(executionId) || !isId(lease) || !/^[1-9]\d{0,9}$/.test(n)) return undefined;
  if (Number(n) > MAX_N) return undefined;
  return { executionId: executionId.toLowerCase(), n: Number(n), lease: lease.toLowerCase() };
}

// Served by the primary keys.
const HELD_SQL = `
  SELECT ${itemColumns('i')}, i.lease_expires_at > now() AS held,
    (SELECT state FROM lineage_replay r WHERE r.execution_id = i.execution_id) AS state
  FROM lineage_replay_item i WHERE i.execution_id = $1 AND i.n = $2`;
const REPLAY_SQL = 'SELECT state FROM lineage_replay WHERE execution_id = $1';

export interface HeldItem extends ReplayItem {
  /** whether the lease has not expired */
  readonly held: boolean | null;
  readonly state: string;
}

/**
 * The message of a job, for whoever holds its lease, or held it when the message was over.
 * @throws ReplayError for anybody else, saying what has become of it
 */
export async function heldJob(rows: Rows, name: JobName): Promise<HeldItem> {
  const [item] = await rows.rows<HeldItem>(HELD_SQL, [name.executionId, name.n]);
  if (!item) {
    const [replay] = await rows.rows<{ state: string }>(REPLAY_SQL, [name.executionId]);
    if (!replay) throw new ReplayError('job_not_found', 'There is no such job.');
    throw new ReplayError('replay_over', `Replay ${name.executionId} is over: it is ${replay.state}.`);
  }
  if (item.lease !== name.lease) throw lost(item);
  if (item.outcome === null && item.held !== true) throw lost(item);
  if (item.outcome === 'cancelled')
    throw new ReplayError('replay_over', `Replay ${name.executionId} was cancelled.`);
  return item;
}

/** The lease is not, or no longer, that of whoever asks. */
export const lost = ({ attempt, outcome }: Pick<ReplayItem, 'attempt' | 'outcome'>): ReplayError =>
  new ReplayError(
    'lease_lost',
    outcome === null
      ? `The lease of this job has expired, or is somebody else's: attempt ${attempt} was handed out last.`
      : `The lease of this job has expired, and the message is over: it is ${outcome}.`,
  );
