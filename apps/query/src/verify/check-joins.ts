import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { rebuild } from './check-records';
import { JoinTable } from './join-table';
import { Pages, rowsOf, textBytes } from './pages';
import type { RecordGraph } from './record-graph';
import type { Report } from './report';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

// Served by the primary key, in its order.
const JOINS: Statement = {
  name: 'verify_joins',
  sql: `
  SELECT j.parent_id, j.child_id FROM lineage_join j
  WHERE j.execution_id = $1 AND (j.parent_id, j.child_id) > ($2::uuid, $3::uuid)
  ORDER BY j.parent_id, j.child_id LIMIT $4`,
};

/** Holds the rows of an execution's joins against what its records name as further parents. */
export async function checkJoins(
  reader: Reader,
  executionId: string,
  graph: RecordGraph,
  report: Report,
): Promise<void> {
  const expected = new JoinTable(graph);
  const about = (childId: string, parentId: string) => ({
    execution_id: executionId,
    record_id: childId,
    parent_id: parentId,
    advice: rebuild(executionId),
  });
  const stored = new Pages<readonly (string | null)[]>(
    (after, limit) =>
      reader.texts(JOINS, [executionId, after?.[0] ?? FIRST_ID, after?.[1] ?? FIRST_ID, limit]),
    textBytes,
  );
  for await (const [parentId, childId] of rowsOf(stored)) {
    report.checked.joins += 1;
    if (expected.tick(parentId ?? '', childId ?? '')) continue;
    const message = 'There is a row of a join, and the record does not name it as a further parent.';
    report.find('join_unexpected', { ...about(childId ?? '', parentId ?? ''), message });
  }
  for (const { parentId, childId } of expected.left()) {
    const message = 'The record names it as a further parent, and there is no row of the join.';
    report.find('join_missing', { ...about(childId, parentId), message });
  }
}
