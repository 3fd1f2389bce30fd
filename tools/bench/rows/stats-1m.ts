import { startApp } from '../../scratch/apps';
import { COPY_RECORDS, type Layout } from '../load/copies';
import { loadCopies } from '../load/load';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { Reader } from '../traffic/get';

const RECORDS = 1_000_000;
/** Questions that make one number. */
const QUESTIONS = 200;

/** What is known of an execution as a whole. */
export const STATS_1M: Row = {
  name: 'stats-1m',
  measure: 'ms for the statistics of an execution of 1,000,000 records, over HTTP',
  baseline: 'of one of 1,000 records',
  unit: 'ms',
  goal: { atMost: 2 },
  prepare,
};

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const server = await bench.server('bulk');
  const copies = Math.max(1, scaled(RECORDS, bench.scale) / COPY_RECORDS);
  const side = async (layout: Pick<Layout, 'copies'>): Promise<() => Promise<number>> => {
    const database = await server.migrated(scope);
    const startMs = Date.now() - 3_600_000;
    await loadCopies(database, { startMs, stepMs: 0, oneExecution: true, ...layout }, bench);
    const reader = new Reader((await startApp('query', database.url, bench, scope)).url);
    scope.defer('close a connection', () => reader.close());
    return () => meanOf(reader, layout.copies * COPY_RECORDS);
  };
  return { candidate: await side({ copies: Math.round(copies) }), baseline: await side({ copies: 1 }) };
}

interface Stats {
  readonly totals: { readonly records: number };
}

async function meanOf(reader: Reader, records: number): Promise<number> {
  const { items } = await reader.json<{ items: { id: string }[] }>('/executions?limit=1');
  const path = `/lineage/stats?execution_id=${items[0]?.id}`;
  const ms = await timed(async () => {
    for (let n = 0; n < QUESTIONS; n += 1) {
      const { totals } = await reader.json<Stats>(path);
      if (totals.records !== records) throw new Error(`${totals.records} of ${records} records are counted`);
    }
  });
  return ms / QUESTIONS;
}
