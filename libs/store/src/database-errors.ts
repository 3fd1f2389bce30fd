import { ConnectionsBusy } from './lending-pool';

/** The SQLSTATE of what PostgreSQL said, however it is wrapped. */
export const sqlState = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : sqlState(driverError);
};

// Data exceptions, integrity violations, and limits of the server such as nesting or row size.
const CONTENT_CLASSES = new Set(['22', '23', '54']);

/** Whether PostgreSQL refused what it was given, so that it would refuse it again. */
export const isRefusedByContent = (error: unknown): boolean =>
  CONTENT_CLASSES.has(sqlState(error)?.slice(0, 2) ?? '');

// Connection exceptions, resource limits, operator intervention (shutdown, terminated backends), system errors.
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
// Undefined table or column: the schema is not there yet. Serialisation failures and deadlocks pass when tried again.
const UNAVAILABLE_STATES = new Set([
  '42P01',
  '42703',
  '40001',
  '40P01',
  '55P03',
  '25006',
  '3D000',
  '28000',
  '28P01',
]);
const NETWORK = /^E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|^ENOTFOUND$/;

/**
 * Whether the database cannot be used now but may be later: unreachable, shutting down, full, not migrated yet, or all
 * connections to it at work.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof ConnectionsBusy) return true;
  const state = sqlState(error);
  if (state !== undefined) {
    return UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE_STATES.has(state) || NETWORK.test(state);
  }
  // The driver gives these no code. A connection that ends between two statements of a transaction takes its query
  // runner with it: that is what the next statement meets.
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|is not established|is not connected|Query runner already released/i.test(
      error.message,
    )
  );
}
