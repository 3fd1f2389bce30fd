/** Why a question has no answer. Codes are part of the contract: add, never rename. */
export type QueryErrorCode =
  /** no record of that id, or not in that execution */
  | 'record_not_found'
  | 'execution_not_found'
  | 'recorder_not_found'
  /** the store has no such bytes */
  | 'payload_not_found'
  /** something is in their place, or the disk fails */
  | 'payload_unreadable'
  /** it was there, and retention or an operator removed it */
  | 'execution_pruned'
  /** the id is found in several executions and none was named */
  | 'ambiguous_record'
  /** it has more records than are compared */
  | 'execution_too_large'
  /** the database took longer than it may */
  | 'statement_timeout'
  /** as many long answers are under way as may be */
  | 'long_answers_busy'
  /** every connection to the database is at work */
  | 'overloaded'
  /** the database lacks tables of this version */
  | 'not_migrated';

/** HTTP status of each code. */
export const STATUS_BY_CODE: Readonly<Record<QueryErrorCode, number>> = {
  record_not_found: 404,
  execution_not_found: 404,
  recorder_not_found: 404,
  payload_not_found: 404,
  payload_unreadable: 500,
  execution_pruned: 404,
  ambiguous_record: 409,
  execution_too_large: 422,
  statement_timeout: 503,
  long_answers_busy: 503,
  overloaded: 503,
  not_migrated: 503,
};

/** A question that cannot be answered, for a reason its asker can understand. */
export class QueryError extends Error {
  override readonly name = 'QueryError';

  constructor(
    readonly code: QueryErrorCode,
    message: string,
    readonly errors: readonly { readonly field: string; readonly message: string }[] = [],
  ) {
    super(message);
  }
}
