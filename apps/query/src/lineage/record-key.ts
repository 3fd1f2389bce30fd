import { isId } from '@factflow/domain';
import { isTime } from '../http/cursor';
import type { RecordRow } from './lineage-record';
import type { TimeColumn } from './record-scans';

/** Where a record stands in a list by time: time, id and execution (ids are unique in their execution only). */
export type RecordKey = readonly [time: number, id: string, executionId: string];

/** What of a row tells where it stands in lists by `time`. */
export type KeyedRow<Time extends TimeColumn = TimeColumn> = Pick<RecordRow, 'id' | 'execution_id' | Time>;

/** @param row has a time: it is registered, or ended */
export const recordKeyOf = <Time extends TimeColumn>(row: KeyedRow<Time>, time: Time): RecordKey => [
  row[time]?.getTime() ?? 0,
  row.id,
  row.execution_id,
];

/** In ascending order; ids are text of one case, which goes as the ids do. */
export const compareRecordKeys = (a: RecordKey, b: RecordKey): number =>
  a[0] - b[0] || compareIds(a[1], b[1]) || compareIds(a[2], b[2]);

const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The key in a cursor. @returns undefined for what is none */
export function readRecordKey(value: unknown): RecordKey | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [time, id, executionId] = value as unknown[];
  if (!isTime(time) || typeof id !== 'string' || typeof executionId !== 'string') return undefined;
  return isId(id) && isId(executionId) ? [time, id, executionId] : undefined;
}
