// As the command app answers: apps/command/src/replay/replay.dto.ts.

/** What was asked for. */
export interface Asked {
  readonly replay_of: string;
  readonly from_stage: string;
  readonly route_id: string | null;
  readonly only_failed: boolean;
  readonly reason: string | null;
}

/** A replay, and how far it is. */
export interface Replay extends Asked {
  readonly execution_id: string;
  readonly state: 'starting' | 'running' | 'cancelling' | 'completed' | 'cancelled';
  readonly total: number;
  readonly waiting: number;
  readonly leased: number;
  readonly completed: number;
  readonly failed: number;
  readonly dead: number;
  readonly cancelled: number;
  readonly created_at: string;
  readonly ended_at: string | null;
}

/** What would be replayed. */
export interface ReplayPlan extends Asked {
  readonly records: number;
  readonly routes: readonly { readonly route_id: string; readonly records: number }[];
  readonly pending: number;
  readonly dry_run: boolean;
}

export const isPlan = (answer: Replay | ReplayPlan): answer is ReplayPlan => 'dry_run' in answer;
