import { QueryError } from './query-error';

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
const QUERY_CANCELED = '57014';
const UNDEFINED = new Set(['42P01', '42703']);
/** Connection exceptions, wrong account, no such database, too many connections, shutting down or starting. */
const AWAY = /^(08...|28...|3D000|53300|57P0[1-5])$/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** What `pg` says in errors without a code. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** Whether the database cannot be reached or does not let us in, at the moment. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return NETWORK.has(code) || AWAY.test(code) || CONNECTION_LOST.test(error.message);
}

/** An error of a statement in our terms where there are such; `narrow` completes "Narrow the question: …". */
export function translateError(error: unknown, narrow: string): unknown {
  const code = codeOf(error);
  if (code === QUERY_CANCELED) {
    return new QueryError(
      'statement_timeout',
      `The database took longer than FACTFLOW_STATEMENT_TIMEOUT_MS allows. Narrow the question: ${narrow}.`,
    );
  }
  if (UNDEFINED.has(code)) return new QueryError('not_migrated', NOT_MIGRATED);
  return error;
}

export const NOT_MIGRATED = 'The database is not migrated: start the command app, which migrates it.';

/** Why the database cannot be reached, in one line. */
export function reasonOf(error: unknown): string {
  // Both addresses of `localhost` refusing makes an error without a message.
  if (error instanceof AggregateError) return error.errors.map((each) => reasonOf(each)).join('; ');
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}
