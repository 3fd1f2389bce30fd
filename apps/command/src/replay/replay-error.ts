import type { FieldError } from '@factflow/server';

/** HTTP status by code. Codes are part of the contract: add, never rename. */
export const REPLAY_STATUS_BY_CODE = {
  replay_not_found: 404,
  job_not_found: 404,
  input_not_found: 404,
  lease_lost: 409,
  replay_over: 409,
  nothing_to_replay: 422,
  inputs_not_replayable: 422,
  too_many_routes: 422,
  idempotency_key_reused: 422,
} as const;

export type ReplayErrorCode = keyof typeof REPLAY_STATUS_BY_CODE;

/** Why a replay, or work of it, cannot be had. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';

  constructor(
    readonly code: ReplayErrorCode,
    message: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(message);
  }
}
