import type { Client } from 'pg';
import { scaled, timed } from '../numbers';
import { CpuMeter } from '../cpu';
import type { Bench, Row, Sides } from '../row';
import { startApp } from '../../scratch/apps';
import type { Scope } from '../../scratch/scope';
import { countRows, dumpTables, emptyTables } from '../tables';
import { makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';

const RECORDS = 48_000;

const MEASURE = 'events appended and projected per second, through HTTP, 4 connections';
const COPY = 'COPY of the same events and final rows into the same tables with the same indexes';

/** What arrives over HTTP, against COPY of everything it comes to. */
export const INGEST: Row = {
  name: 'ingest',
  measure: MEASURE,
  baseline: `${COPY}, one connection`,
  unit: 'events/s',
  goal: { atLeast: 0.75 },
  prepare: (bench, scope) => prepare(bench, scope, 1),
};

/** The same against COPY that uses a second core as well: events on one connection, rows on the other. */
export const INGEST_COPY_2: Row = {
  name: 'ingest-copy-2',
  measure: MEASURE,
  baseline: `${COPY}, two connections at once`,
  unit: 'events/s',
  prepare: (bench, scope) => prepare(bench, scope, 2),
};

async function prepare(bench: Bench, scope: Scope, connections: number): Promise<Sides> {
  const server = await bench.server();
  const traffic = makeTraffic({
    seed: 1,
    startMs: Date.now() - 3_600_000,
    records: scaled(RECORDS, bench.scale),
  });
  const [filled, copied] = [await server.migrated(scope), await server.migrated(scope)];
  const app = await startApp('command', filled.url, bench, scope);
  const watching = await filled.connect();
  const copying: Client[] = [];
  for (let n = 0; n < connections; n += 1) copying.push(await copied.connect());
  await sendAll(app.url, traffic.shipments);
  const stored = await countRows(watching, 'lineage_event');
  if (stored !== traffic.events) throw new Error(`${stored} of ${traffic.events} events are stored`);
  const dump = await dumpTables(watching, scope);
  const perSecond = (ms: number): number => (traffic.events / ms) * 1000;
  const cpu = { app: new CpuMeter(server, watching, app), copy: new CpuMeter(server, watching) };
  return {
    candidate: async () => {
      await emptyTables(watching);
      const work = () => timed(() => sendAll(app.url, traffic.shipments));
      return perSecond(await cpu.app.during(traffic.events, work));
    },
    baseline: async () => {
      await emptyTables(copying[0] as Client);
      const work = () => timed(() => dump.copyInto(copying));
      return perSecond(await cpu.copy.during(traffic.events, work));
    },
    notes: () => [
      `${traffic.events} events of ${traffic.executions} executions, ${dump.rows} rows in all; ${server.version}`,
      `CPU time per event: ${cpu.app.text()}; of COPY: ${cpu.copy.text()}`,
    ],
  };
}
