import type { Client } from 'pg';
import type { Bench } from '../row';
import type { Database } from '../../scratch/server';
import { tableNames } from '../tables';
import { attach, detach, fill, partsOf, type Part } from './bulk';
import { fillingSql, forgetCopies, prepareCopies, sumCopies, type Layout } from './copies';

/** Partitions that are filled at once. */
const CONNECTIONS = 2;
const SETTINGS = {
  maintenance_work_mem: '512MB',
  max_parallel_maintenance_workers: '0',
  synchronous_commit: 'off',
};

/**
 * Fills an empty, migrated database with copies of one execution, on the server. The rows of that one are what the
 * projection makes of its events; its copies differ in ids, hashes and times alone, so they are as right.
 * @returns rows of all tables
 */
export async function loadCopies(
  database: Database,
  layout: Layout,
  bench: Pick<Bench, 'say'>,
): Promise<number> {
  const clients: Client[] = [];
  for (let n = 0; n < CONNECTIONS; n += 1) clients.push(await openLoader(database));
  const [client] = clients as [Client];
  await prepareCopies(database, client, layout);
  const parts: Part[] = [];
  for (const table of await tableNames(client)) parts.push(...(await partsOf(client, table)));
  for (const part of parts) await detach(client, part);
  const rows = await fillAll(clients, parts, layout, bench);
  for (const part of parts) await attach(client, part);
  if (layout.oneExecution) await sumCopies(client, layout);
  await forgetCopies(client);
  await client.query('ANALYZE');
  await client.query('CHECKPOINT');
  for (const each of clients) await each.end();
  return rows;
}

async function openLoader(database: Database): Promise<Client> {
  const client = await database.connect();
  for (const [name, value] of Object.entries(SETTINGS)) await client.query(`SET ${name} = '${value}'`);
  return client;
}

/** Each connection takes the next partition when it is done with one. */
async function fillAll(
  clients: readonly Client[],
  parts: readonly Part[],
  layout: Layout,
  { say }: Pick<Bench, 'say'>,
): Promise<number> {
  const left = [...parts];
  let rows = 0;
  const work = async (client: Client): Promise<void> => {
    for (let part = left.shift(); part; part = left.shift()) {
      const sql = await fillingSql(client, part.table, part.partition, layout);
      const filled = await fill(client, part, sql);
      rows += filled;
      if (filled > 100_000)
        say(`  ${part.partition}: ${filled.toLocaleString('en')} rows, ${left.length} partitions left`);
    }
  };
  await Promise.all(clients.map(work));
  return rows;
}
