import { formatTime, isId } from '@factflow/domain';
import { isTime } from '../http/cursor';
import type { Parameters } from './record-filters';

/** Where a record stands in a list by time: time, id and execution (ids are unique in their execution only). */
export type RecordKey = readonly [time: number, id: string, executionId: string];

export function readRecordKey(value: unknown): RecordKey | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [time, id, executionId] = value as unknown[];
  if (!isTime(time) || typeof id !== 'string' || typeof executionId !== 'string') return undefined;
  return isId(id) && isId(executionId) ? [time, id, executionId] : undefined;
}

/** The condition on `lineage_record r` that a row stands behind a key, in ascending (`>`) or descending (`<`) order. */
export function behindKey(
  column: 'started_at' | 'completed_at',
  comparison: '<' | '>',
  [time, id, executionId]: RecordKey,
  parameters: Parameters,
): string {
  const places = [
    `${parameters.add(formatTime(time))}::timestamptz`,
    `${parameters.add(id)}::uuid`,
    `${parameters.add(executionId)}::uuid`,
  ];
  return `(r.${column}, r.id, r.execution_id) ${comparison} (${places.join(', ')})`;
}
