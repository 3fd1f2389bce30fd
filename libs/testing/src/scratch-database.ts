import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import { dropDatabase, withClient } from './admin';
import { databasePrefix, testServerUrl, withDatabase } from './test-server';

/** A database for one spec file, or one test. */
export interface ScratchDatabase {
  readonly name: string;
  /** Connection string with user and password. */
  readonly url: string;
  /** Ends the sessions in it and drops it. */
  drop(): Promise<void>;
}

/** Makes a database on the test server: an empty one, or a copy of `template`. */
export async function scratchDatabase({ template }: { template?: string } = {}): Promise<ScratchDatabase> {
  const server = testServerUrl();
  const name = `${databasePrefix()}${randomBytes(6).toString('hex')}`;
  const source = template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`;
  await withClient(server, (client) => client.query(`CREATE DATABASE ${escapeIdentifier(name)}${source}`));
  return { name, url: withDatabase(server, name), drop: () => dropDatabase(server, name) };
}
