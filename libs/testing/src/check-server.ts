import { withClient } from './admin';

/** Fails at once, with the line that starts one, when no server answers at this address. */
export async function checkServer(url: string): Promise<void> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'));
  } catch (error) {
    throw new Error(unreachable(url, error), { cause: error });
  }
}

function unreachable(url: string, error: unknown): string {
  // A connection refused on several addresses is one error of many, without a message of its own.
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = message || code || String(error);
  if (!URL.canParse(url))
    return `TEST_DATABASE_URL is no connection string (postgres://user:password@host:port/database): ${reason}`;
  const { hostname, port, pathname, username } = new URL(url);
  return (
    `The database server of TEST_DATABASE_URL (${username}@${hostname}:${port || 5432}${pathname}) cannot be used: ${reason}\n` +
    `Start one:\n\n  docker run --rm -d -e POSTGRES_USER=${username} -e POSTGRES_PASSWORD=<password> -p ${port || 5432}:5432 postgres:18 -c max_connections=200\n\n` +
    'or have one started for the tests:\n\n  unset TEST_DATABASE_URL\n'
  );
}
