import { setTimeout as pause } from 'node:timers/promises';
import type { LineageEvent } from '@factflow/domain';
import type { Client } from 'pg';
import { startApp } from '../../scratch/apps';
import { CpuMeter } from '../cpu';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { emptyTables } from '../tables';
import { Random } from '../traffic/random';
import { bodiesOf, makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';
import { hotParent, type Shape } from '../traffic/shapes';

const CHILDREN = 100_000;
const ORDINARY_RECORDS = 48_000;
const CONNECTIONS = 4;
/** A session that has nothing more to do tells the statistics what it did after ten seconds. */
const STATISTICS_MS = 11_000;

/** One record that everything is a child of. */
export const HOT_PARENT: Row = {
  name: 'hot-parent',
  measure: 'µs per event of one parent with 100,000 children, through HTTP, 4 connections',
  baseline: 'ordinary traffic of several executions',
  unit: 'µs',
  goal: { atMost: 2 },
  prepare,
};

// Of all partitions together.
const STORAGE_SQL = `
  SELECT (SELECT count(*) FROM lineage_record) AS rows, sum(n_dead_tup) AS dead, sum(n_tup_upd) AS updates, sum(n_tup_hot_upd) AS in_place,
    sum(pg_relation_size(relid)) AS bytes
  FROM pg_stat_user_tables WHERE relname ~ '^lineage_record(_|$)'`;

interface Storage {
  readonly rows: number;
  readonly dead: number;
  readonly updates: number;
  readonly in_place: number;
  readonly bytes: number;
}

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const server = await bench.server();
  const database = await server.migrated(scope);
  const app = await startApp('command', database.url, bench, scope);
  const watching = await database.connect();
  const startMs = Date.now() - 3_600_000;
  const ordinary = makeTraffic({ seed: 2, startMs, records: scaled(ORDINARY_RECORDS, bench.scale) });
  const hot = hotParent(new Random(3), startMs, scaled(CHILDREN, bench.scale));
  const events = hot.begin.length + hot.events.length + hot.end.length;
  const steps = stepsOf(hot);
  const cpu = { hot: new CpuMeter(server, watching, app), ordinary: new CpuMeter(server, watching, app) };
  const stored = { hot: '', ordinary: '' };
  const run = async (
    side: keyof typeof stored,
    count: number,
    work: () => Promise<void>,
  ): Promise<number> => {
    await emptyTables(watching);
    const isFirst = stored[side] === '';
    const before = isFirst ? await storage(watching) : undefined;
    const ms = await cpu[side].during(count, () => timed(work));
    if (before) {
      await pause(STATISTICS_MS);
      stored[side] = `${side}: ${storageText(before, await storage(watching))}`;
    }
    return (ms / count) * 1000;
  };
  return {
    candidate: () =>
      run('hot', events, async () => {
        for (const shipments of steps) await sendAll(app.url, shipments);
      }),
    baseline: () => run('ordinary', ordinary.events, () => sendAll(app.url, ordinary.shipments)),
    notes: () => [
      stored.hot,
      stored.ordinary,
      `CPU time per event: hot: ${cpu.hot.text()}; ordinary: ${cpu.ordinary.text()}`,
    ],
  };
}

/** The parent first and last; in between every connection tells of children of its own. */
function stepsOf({ begin, events, end, recordIds }: Shape): { bodies: Buffer[] }[][] {
  const places = new Map(recordIds.map((id, n) => [id, n]));
  const shares = Array.from({ length: CONNECTIONS }, (): LineageEvent[] => []);
  for (const event of events) shares[(places.get(event.recordId ?? '') ?? 0) % CONNECTIONS]?.push(event);
  return [[begin], shares, [end]].map((step) => step.map((share) => ({ bodies: bodiesOf(share) })));
}

async function storage(client: Client): Promise<Storage> {
  // That the tables were emptied is to be told before what was written since.
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query<Record<keyof Storage, string>>(STORAGE_SQL);
  return Object.fromEntries(
    Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]),
  ) as unknown as Storage;
}

const storageText = (before: Storage, after: Storage): string =>
  `lineage_record ${before.rows} → ${after.rows} rows, n_dead_tup ${before.dead} → ${after.dead}, ` +
  `${megabytes(before.bytes)} → ${megabytes(after.bytes)} MB; ${after.updates - before.updates} updates, ` +
  `${after.in_place - before.in_place} of them in place`;

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
