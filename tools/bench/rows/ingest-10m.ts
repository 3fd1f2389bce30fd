import { startApp } from '../../scratch/apps';
import { tenMillion } from '../load/ten-million';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import type { Database } from '../../scratch/server';
import { emptyTables } from '../tables';
import { makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';

const RECORDS = 48_000;

/** Whether ingest slows down as tables grow. */
export const INGEST_10M: Row = {
  name: 'ingest-10m',
  measure: 'events appended and projected per second through HTTP, with 10 million records stored before',
  baseline: 'the same traffic into an empty database',
  unit: 'events/s',
  goal: { atLeast: 0.8 },
  prepare,
};

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const { database, note } = await tenMillion(bench);
  const empty = await (await bench.server('bulk')).migrated(scope);
  const emptying = await empty.connect();
  return {
    candidate: await side(database, bench, scope),
    baseline: await side(empty, bench, scope, () => emptyTables(emptying)),
    notes: () => [note],
  };
}

/** Every run sends traffic of its own, the same on both sides: what is stored cannot be stored again. */
async function side(
  database: Database,
  bench: Bench,
  scope: Scope,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<() => Promise<number>> {
  const app = await startApp('command', database.url, bench, scope);
  const client = await database.connect();
  let seed = 100;
  return async () => {
    seed += 1;
    const startMs = Date.now() - 3_600_000;
    const traffic = makeTraffic({ seed, startMs, records: scaled(RECORDS, bench.scale) });
    await before();
    await client.query('CHECKPOINT');
    return (traffic.events / (await timed(() => sendAll(app.url, traffic.shipments)))) * 1000;
  };
}
