import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import type { TextRow } from '../database/statement-rows';
import { CARRIED_DEPTH, RANK, recursion, type TraceBounds } from './read-trace';
import { JSON_COLUMNS, placeOfColumn, recordFields } from './record-json';
import { entryOf, TraceBuilder, type Direction, type Trace } from './trace';

// Most traces are small: their records are read along with the ids, and not a second time when they are shown.

/** A trace of more records than this is not a small one. */
const MAX_RECORDS = 20_000;
/** Characters of the records of a small trace. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** A trace with its records. */
export interface SmallTrace {
  readonly trace: Trace;
  /** the fields of each as JSON, by id */
  readonly records: ReadonlyMap<string, string>;
}

interface Found {
  readonly id: string;
  readonly rank: number;
  readonly parents: readonly string[];
}

// Served as the statements of any trace. No row comes of a trace that is not small; those that come are not put in order
// before, so that the first is on its way while the next is looked up.
const smallTrace = (name: string, direction: Direction): Statement => ({
  name,
  sql: `
  WITH RECURSIVE ${recursion(direction)},
  found AS MATERIALIZED (SELECT id FROM trace LIMIT $3::bigint + 2)
  SELECT ${JSON_COLUMNS}, r.id, r.rank
  FROM (SELECT id FROM found WHERE (SELECT count(*) FROM found) <= $3 + 1) picked CROSS JOIN LATERAL (
    SELECT r.*, ${RANK} AS rank FROM lineage_record r
    WHERE r.execution_id = $1::uuid AND r.id BETWEEN picked.id AND picked.id ORDER BY r.id OFFSET 0) r`,
});
const SMALL: Readonly<Record<Direction, Statement>> = {
  ancestors: smallTrace('small ancestors', 'ancestors'),
  descendants: smallTrace('small descendants', 'descendants'),
};
const PARENT = placeOfColumn('parent_id');
const JOINED_PARENTS = placeOfColumn('joined_parent_ids');

/** Everything that can be reached from a record in one direction, with its records; undefined when that is much. */
export async function readSmallTrace(
  reader: Reader,
  executionId: string,
  id: string,
  direction: Direction,
  { maxDepth, maxIds }: TraceBounds,
): Promise<SmallTrace | undefined> {
  // A shallow one would go through records that are too far away.
  if (maxDepth <= CARRIED_DEPTH) return undefined;
  const records = new Map<string, string>();
  let found: Found[] = [];
  let characters = 0;
  const take = (row: TextRow): void => {
    if (characters > MAX_CHARACTERS) return;
    // While the next rows are on their way.
    const [of, rank] = row.slice(-2) as [string, string];
    const fields = recordFields(of, executionId, row);
    characters += fields.length;
    if (characters > MAX_CHARACTERS) {
      records.clear();
      found = [];
      return;
    }
    records.set(of, fields);
    found.push({ id: of, rank: Number(rank), parents: parentsOf(row) });
  };
  const limit = Math.min(MAX_RECORDS, maxIds);
  await reader.eachText(SMALL[direction], [executionId, id, limit], take);
  if (records.size === 0) return undefined;
  const builder = new TraceBuilder(records.size);
  found.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  builder.add(Buffer.concat(found.map(({ id: of, rank, parents }) => entryOf(of, rank, parents))));
  return { trace: await builder.build(id, direction, maxDepth, false), records };
}

function parentsOf(row: TextRow): string[] {
  const parent = row[PARENT] ?? null;
  const joined = row[JOINED_PARENTS] ?? '{}';
  return [...(parent === null ? [] : [parent]), ...(joined === '{}' ? [] : joined.slice(1, -1).split(','))];
}
