import type { Projection } from './projection';
import { isMentioned, type RecordState } from './record';
import type { Node } from './settle';

/** What a batch makes of the row of a record; null: none. */
export interface Change {
  readonly before: RecordState | null;
  readonly after: RecordState | null;
  /** whether nothing but counts of children differs */
  readonly recounted: boolean;
}

/** @returns undefined where nothing changes */
export function changeOf({ before, facts, children, pendingChildren }: Node): Change | undefined {
  const counted = facts.children === children && facts.pendingChildren === pendingChildren;
  if (before === facts && counted) return undefined;
  const after = counted ? facts : { ...facts, children, pendingChildren };
  return { before, after: isMentioned(after) ? after : null, recounted: before === facts };
}

/** Rows to write, by how much of each is new. */
type SortedRecords = Pick<
  Projection,
  'newRecords' | 'progressedRecords' | 'changedRecords' | 'recountedRecords'
>;

/** Leaves out the rows that go. */
export function sortRecords(changes: readonly Change[]): SortedRecords {
  const newRecords: RecordState[] = [];
  const progressedRecords: RecordState[] = [];
  const changedRecords: RecordState[] = [];
  const recountedRecords: RecordState[] = [];
  for (const { before, after, recounted } of changes) {
    if (after === null) continue;
    if (before === null) newRecords.push(after);
    else if (recounted) recountedRecords.push(after);
    else if (isProgress(before, after)) progressedRecords.push(after);
    else changedRecords.push(after);
  }
  return { newRecords, progressedRecords, changedRecords, recountedRecords };
}

/** Whether nothing changed but what RECORD_PROGRESS of the store writes. */
const isProgress = (before: RecordState, after: RecordState): boolean =>
  before.registration === after.registration &&
  before.inputHash === after.inputHash &&
  before.inputPayload === after.inputPayload;
