import { QueryError } from './query-error';

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
const QUERY_CANCELED = '57014';
const UNDEFINED = new Set(['42P01', '42703']);

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

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
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown };
  // Both addresses of `localhost` refusing makes an error without a message of its own.
  if (Array.isArray(errors)) return errors.map((each) => reasonOf(each)).join('; ');
  return typeof message === 'string' && message !== '' ? message : codeOf(error) || String(error);
}
