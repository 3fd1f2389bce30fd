import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import { startApp } from '../apps';
import type { Scope } from '../scope';
import { countRows, dumpTables, emptyTables } from '../tables';
import { makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';

const RECORDS = 48_000;

/** What arrives over HTTP, against COPY of everything it comes to. */
export const INGEST: Row = {
  name: 'ingest',
  measure: 'events appended and projected per second, through HTTP, 4 connections',
  baseline:
    'COPY of the same events and final rows into the same tables with the same indexes, one connection',
  unit: 'events/s',
  goal: { atLeast: 0.75 },
  prepare,
};

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const server = await bench.server();
  const traffic = makeTraffic({
    seed: 1,
    startMs: Date.now() - 3_600_000,
    records: scaled(RECORDS, bench.scale),
  });
  const [filled, copied] = [await server.migrated(scope), await server.migrated(scope)];
  const app = await startApp('command', filled.url, bench, scope);
  const [watching, copying] = [await filled.connect(), await copied.connect()];
  await sendAll(app.url, traffic.shipments);
  const stored = await countRows(watching, 'lineage_event');
  if (stored !== traffic.events) throw new Error(`${stored} of ${traffic.events} events are stored`);
  const dump = await dumpTables(watching, scope);
  const perSecond = (ms: number): number => (traffic.events / ms) * 1000;
  return {
    candidate: async () => {
      await emptyTables(watching);
      return perSecond(await timed(() => sendAll(app.url, traffic.shipments)));
    },
    baseline: async () => {
      await emptyTables(copying);
      return perSecond(await timed(() => dump.copyInto(copying)));
    },
    notes: () => [
      `${traffic.events} events of ${traffic.executions} executions, ${dump.rows} rows in all; ${server.version}`,
    ],
  };
}
