import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { scaled, timed } from '../numbers';
import type { Bench } from '../row';
import type { Database } from '../../scratch/server';
import { COPY_RECORDS } from './copies';
import { loadCopies } from './load';

const RECORDS = 10_000_000;
const FEW_RECORDS = 10_000;
/** The time they are spread over: a year of partitions. */
const SPAN_MS = 360 * 24 * 3600 * 1000;
/** What tables and indexes take, with room for sorting. */
const NEEDED_BYTES = 35 * 1024 ** 3;

/** A database with many executions of 1,000 records each, the newest an hour old. */
export interface Filled {
  readonly database: Database;
  readonly records: number;
  /** when the newest execution began, milliseconds since 1970 */
  readonly newestMs: number;
  /** how it was filled, for people */
  readonly note: string;
}

/** Ten million records in partitions of 30 days; made once for all rows that want it. */
export const tenMillion = (bench: Bench): Promise<Filled> =>
  filled(bench, 'ten million', scaled(RECORDS / COPY_RECORDS, bench.scale));

/** Ten thousand records of the same kind. */
export const tenThousand = (bench: Bench): Promise<Filled> =>
  filled(bench, 'ten thousand', scaled(FEW_RECORDS / COPY_RECORDS, bench.scale));

function filled(bench: Bench, key: string, copies: number): Promise<Filled> {
  return bench.shared(key, async (scope) => {
    const server = await bench.server('bulk');
    const records = copies * COPY_RECORDS;
    if (server.own) await checkRoom(records);
    const database = await server.migrated(scope);
    const stepMs = Math.min(3_600_000, Math.floor(SPAN_MS / copies));
    const startMs = Date.now() - 3_600_000 - (copies - 1) * stepMs;
    bench.say(`  loading ${records.toLocaleString('en')} records ...`);
    let rows = 0;
    const ms = await timed(async () => {
      rows = await loadCopies(database, { copies, startMs, stepMs, oneExecution: false }, bench);
    });
    const size = `${rows.toLocaleString('en')} rows, ${await gigabytes(database)} GB`;
    const note = `${records.toLocaleString('en')} records (${size}) loaded in ${Math.round(ms / 1000)} s`;
    bench.say(`  ${note}`);
    return { database, records, newestMs: startMs + (copies - 1) * stepMs, note };
  });
}

async function gigabytes(database: Database): Promise<string> {
  const client = await database.connect();
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  await client.end();
  return (Number(rows[0]?.bytes) / 1e9).toFixed(1);
}

async function checkRoom(records: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  const needed = NEEDED_BYTES * (records / RECORDS);
  if (bavail * bsize < needed)
    throw new Error(`needs ${Math.ceil(needed / 1024 ** 3)} GiB free in ${tmpdir()}; or set DATABASE_URL`);
}
