import { createHash } from 'node:crypto';
import { escapeIdentifier, type Client } from 'pg';
import { dropDatabase, withClient } from './admin';
import { eventually } from './eventually';
import { scratchDatabase, type ScratchDatabase } from './scratch-database';
import { databasePrefix, testServerUrl, withDatabase } from './test-server';

/** A prepared database that nobody can connect to, to be copied. */
export interface TemplateDatabase {
  readonly name: string;
  /** A copy of it, in milliseconds. */
  clone(): Promise<ScratchDatabase>;
}

/**
 * The template of this key on the test server, one per run of the specs: whoever asks first, in whatever worker,
 * makes an empty database and has `prepare` fill it (which must close its connections); everybody else waits.
 */
export async function templateDatabase(
  key: string,
  prepare: (url: string) => Promise<void>,
): Promise<TemplateDatabase> {
  const server = testServerUrl();
  const name = `${databasePrefix()}template_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
  await withClient(server, async (client) => {
    // Held by the session: released when it ends, however it ends.
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    if (!(await exists(client, name))) await build(client, server, name, prepare);
  });
  return { name, clone: () => scratchDatabase({ template: name }) };
}

async function exists(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

// Under its final name only when it is complete.
async function build(
  client: Client,
  server: string,
  name: string,
  prepare: (url: string) => Promise<void>,
): Promise<void> {
  const draft = `${name}_draft`;
  await dropDatabase(server, draft);
  await client.query(`CREATE DATABASE ${escapeIdentifier(draft)}`);
  await prepare(withDatabase(server, draft));
  await client.query(`ALTER DATABASE ${escapeIdentifier(draft)} ALLOW_CONNECTIONS false`);
  // Connections that were closed a moment ago take one to disappear.
  await eventually(
    () => client.query(`ALTER DATABASE ${escapeIdentifier(draft)} RENAME TO ${escapeIdentifier(name)}`),
    'the connections to the template database to be closed',
  );
}
