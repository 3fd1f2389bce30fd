import { startApp } from '../../scratch/apps';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import type { Database } from '../../scratch/server';
import { Reader } from '../traffic/get';
import { Random } from '../traffic/random';
import { bodiesOf, makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';
import { wideTree, type Shape } from '../traffic/shapes';

const RECORDS = 10_000;
const WIDTH = 8;
/** Records of other executions in the same tables. */
const OTHER_RECORDS = 48_000;
/** Traces that make one number. */
const TRACES = 10;

/** Everything that came of one record. */
export const TRACE_10K: Row = {
  name: 'trace-10k',
  measure: 'ms for a forward trace of 10,000 records with joins, streamed as NDJSON over HTTP',
  baseline: 'recursive SQL through pg that returns the same rows',
  unit: 'ms',
  goal: { atMost: 1.5 },
  prepare,
};

// Served by lineage_record_children and the primary keys of lineage_join and lineage_record.
const TRACE_SQL = `
  WITH RECURSIVE trace(id) AS (
    SELECT $2::uuid
    UNION SELECT step.id FROM trace t CROSS JOIN LATERAL (
      SELECT c.id FROM lineage_record c WHERE c.execution_id = $1 AND c.parent_id = t.id
      UNION ALL SELECT j.child_id FROM lineage_join j WHERE j.execution_id = $1 AND j.parent_id = t.id) step(id)
  )
  SELECT r.id, r.execution_id, r.route_id, r.adapter_name, r.parent_id, r.status, r.input_hash, r.output_hash,
    r.input_payload, r.output_payload, r.error, r.started_at, r.completed_at, r.batch_id, r.metadata, r.pending_children,
    r.completion, r.joined_parent_ids, r.registered_at, r.started, r.cancel_reason, r.retry_of, r.replay_of_record,
    r.conflicts
  FROM trace t JOIN lineage_record r ON r.execution_id = $1 AND r.id = t.id
  WHERE t.id <> $2 ORDER BY r.started_at, r.id`;

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const database = await (await bench.server()).migrated(scope);
  const tree = wideTree(new Random(5), Date.now() - 3_600_000, scaled(RECORDS, bench.scale) + 1, WIDTH);
  await load(database, tree, bench, scope);
  const client = await database.connect();
  await client.query('VACUUM (ANALYZE)');
  const app = await startApp('query', database.url, bench, scope);
  const reader = new Reader(app.url);
  scope.defer('close a connection', () => reader.close());
  const [root] = tree.recordIds as [string];
  const path = `/lineage/${root}/chain?direction=descendants&execution_id=${tree.executionId}`;
  const wanted = tree.recordIds.length - 1;
  return {
    // The record itself is the first line.
    candidate: () => meanOf(async () => (await reader.countLines(path)) - 1, wanted),
    baseline: () =>
      meanOf(async () => (await client.query(TRACE_SQL, [tree.executionId, root])).rows.length, wanted),
    notes: () => [`one number is the mean of ${TRACES} traces of ${wanted} records`],
  };
}

async function load(database: Database, tree: Shape, bench: Bench, scope: Scope): Promise<void> {
  const app = await startApp('command', database.url, bench, scope);
  const { begin, events, end } = tree;
  await sendAll(app.url, [{ bodies: bodiesOf([...begin, ...events, ...end]) }]);
  const records = scaled(OTHER_RECORDS, bench.scale);
  await sendAll(app.url, makeTraffic({ seed: 6, startMs: Date.now() - 3_600_000, records }).shipments);
}

async function meanOf(trace: () => Promise<number>, wanted: number): Promise<number> {
  const ms = await timed(async () => {
    for (let n = 0; n < TRACES; n += 1) {
      const found = await trace();
      if (found !== wanted) throw new Error(`a trace found ${found} of ${wanted} records`);
    }
  });
  return ms / TRACES;
}
