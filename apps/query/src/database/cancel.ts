import { Client, type PoolClient } from 'pg';

/** How long cancelling may take; after that the statement is left to its own timeout. */
const TIMEOUT_MS = 2000;

/**
 * Runs statements on a connection, and ends the one that runs when `signal` says that nobody waits for it any more. The
 * connection is not given back before: a cancellation still on its way would meet the next statement.
 */
export async function whileWanted<T>(
  client: PoolClient,
  databaseUrl: string | undefined,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => {
    // The driver's types leave it out.
    const { processID } = client as unknown as { readonly processID: number };
    cancelling = cancelStatement(databaseUrl, processID).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', cancel);
    await cancelling;
  }
}

// On a connection of its own: those of the pool may all be taken by statements that nobody waits for.
async function cancelStatement(connectionString: string | undefined, processId: number): Promise<void> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_cancel_backend($1)', [processId]);
  } finally {
    await client.end();
  }
}
