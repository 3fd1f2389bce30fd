import type { LineageEvent } from '@factflow/domain';

/** What is asked for: which messages of an execution go through an adapter once more. */
export interface ReplayRequest {
  readonly fromStage: string;
  readonly routeId: string | null;
  readonly onlyFailed: boolean;
  readonly reason: string | null;
}

/**
 * How far a replay is. `starting`: its records are registered and its jobs put in the queue, batch by batch. `running`:
 * all of them are. `stopping`: cancelled while it was starting, the batch at work is finished. `cancelling`: what is not
 * over is taken out. `completed` and `cancelled` are the ends.
 */
export type ReplayState = 'starting' | 'running' | 'stopping' | 'cancelling' | 'completed' | 'cancelled';

/** How a message of a replay ended. */
export type ReplayOutcome = 'completed' | 'failed' | 'dead' | 'cancelled';

/** A replay as its row has it. */
export interface ReplayRow {
  readonly execution_id: string;
  readonly replay_of: string;
  readonly request: ReplayRequest;
  readonly name: string | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
  readonly state: ReplayState;
  // Counts are bigint: text.
  readonly total: string;
  readonly queued: string;
  readonly completed: string;
  readonly failed: string;
  readonly dead: string;
  readonly cancelled: string;
  readonly next_sequence: string;
  readonly closed: boolean;
}

export const REPLAY_COLUMNS = `execution_id, replay_of, request, name, created_at, ended_at, state, total, queued, completed,
  failed, dead, cancelled, next_sequence, closed`;

/** Bytes a message consists of. */
export interface ReplayInput {
  /** null: nothing was captured */
  readonly key: string | null;
  readonly content_type: string;
  readonly redacted: boolean;
  /** the parent whose output it is, when the message is a join whose own input was not captured */
  readonly from?: string;
}

/** A message of a replay, as its row has it. */
export interface ReplayItem {
  readonly execution_id: string;
  readonly n: number;
  readonly original_id: string;
  readonly route_id: string;
  readonly adapter_name: string;
  readonly input_hash: string | null;
  readonly inputs: readonly ReplayInput[];
  /** the inputs are those of a join, one for each parent, however many there are */
  readonly joined: boolean;
  /** the attempt that was handed out last; 0: none yet */
  readonly attempt: number;
  /** whether the record of that attempt has been ended from here */
  readonly record_ended: boolean;
  readonly lease: string | null;
  readonly lease_expires_at: Date | null;
  readonly leased_at: Date | null;
  readonly outcome: ReplayOutcome | null;
}

/** The columns of a {@link ReplayItem}, for a select from `alias`. */
export const itemColumns = (alias: string): string =>
  [
    'execution_id',
    'n',
    'original_id',
    'route_id',
    'adapter_name',
    'input_hash',
    'inputs',
    'joined',
    'attempt',
    'record_ended',
    'lease',
    'lease_expires_at',
    'leased_at',
    'outcome',
  ]
    .map((name) => `${alias}.${name}`)
    .join(', ');

/** An event of a replay before it gets its id and its place in the sequence of a recorder. */
export type ReplayFact = LineageEvent extends infer Event
  ? Event extends LineageEvent
    ? Pick<Event, 'type' | 'recordId' | 'data'>
    : never
  : never;
