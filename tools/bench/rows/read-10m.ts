import { startApp } from '../../scratch/apps';
import { tenMillion, tenThousand, type Filled } from '../load/ten-million';
import { COPY_RECORDS } from '../load/copies';
import { TREE_RECORDS } from '../load/template';
import { percentile, scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { Reader } from '../traffic/get';
import { Random } from '../traffic/random';

/** The newest share of executions, which is what is read. */
const NEWEST = 0.01;
const QUESTIONS = 1000;

/** Whether single answers slow down as tables grow. */
export const READ_10M: Row = {
  name: 'read-10m',
  measure: 'ms, p99, of single questions over HTTP with 10 million records stored, newest 1 % of executions',
  baseline: 'the same with 10 thousand records stored',
  unit: 'ms',
  goal: { atMost: 2 },
  prepare,
};

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const [many, few] = [await tenMillion(bench), await tenThousand(bench)];
  return {
    candidate: await side(many, bench, scope),
    baseline: await side(few, bench, scope),
    notes: () => [`p99 of ${scaled(QUESTIONS, bench.scale)} questions of each kind; ${many.note}`],
  };
}

/** The trunk of one tree: a record with one child, and the one that has all the others. */
interface Tree {
  readonly executionId: string;
  readonly root: string;
  readonly wide: string;
}

const QUESTIONS_OF: Readonly<Record<string, (tree: Tree) => string>> = {
  get: ({ root }) => `/lineage/${root}`,
  'get in its execution': ({ root, executionId }) => `/lineage/${root}?execution_id=${executionId}`,
  children: ({ wide }) => `/lineage/${wide}/children`,
  chain: ({ root }) => `/lineage/${root}/chain`,
};

// Every tree has one record that was discovered, and one that was cut into chunks, its grandchild. Served by
// lineage_execution_started and lineage_record_execution_adapter.
const TREES_SQL = `
  SELECT r.execution_id AS "executionId", r.id AS root, wide.id AS wide
  FROM (SELECT execution_id FROM lineage_execution WHERE started_at <= $2
    ORDER BY started_at DESC, execution_id DESC LIMIT $1) newest
  JOIN lineage_record r ON r.execution_id = newest.execution_id AND r.adapter_name = 'discover'
  JOIN lineage_record middle ON middle.execution_id = r.execution_id AND middle.parent_id = r.id
  JOIN lineage_record wide ON wide.execution_id = r.execution_id AND wide.parent_id = middle.id`;

async function side(
  { database, records, newestMs }: Filled,
  bench: Bench,
  scope: Scope,
): Promise<() => Promise<Record<string, number>>> {
  const client = await database.connect();
  const executions = Math.max(1, Math.round((records / COPY_RECORDS) * NEWEST));
  const { rows: trees } = await client.query<Tree>(TREES_SQL, [executions, new Date(newestMs)]);
  if (trees.length !== (executions * COPY_RECORDS) / TREE_RECORDS)
    throw new Error(`${trees.length} trees in ${executions} executions`);
  const reader = new Reader((await startApp('query', database.url, bench, scope)).url);
  scope.defer('close a connection', () => reader.close());
  const random = new Random(11);
  const questions = scaled(QUESTIONS, bench.scale);
  const ask = async (kind: string): Promise<number> => {
    const path = QUESTIONS_OF[kind]?.(trees[random.between(0, trees.length - 1)] as Tree) as string;
    return timed(() => reader.json(path));
  };
  return async () => {
    const measured: Record<string, number> = {};
    for (const kind of Object.keys(QUESTIONS_OF)) {
      const times: number[] = [];
      for (let n = 0; n < questions; n += 1) times.push(await ask(kind));
      measured[kind] = percentile(times, 0.99);
    }
    return measured;
  };
}
