import { dropDatabase, withClient } from './admin';
import { databasePrefix } from './test-server';

/** Drops every database a run of the specs has made on a server. */
export async function dropDatabasesOfRun(url: string, run: string): Promise<void> {
  const names = await withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [databasePrefix(run)],
    );
    return rows.map((row) => row.datname);
  });
  for (const name of names) await dropDatabase(url, name);
}
