import { COMPLETIONS, formatTime, LIMITS, RECORD_STATUSES } from '@factflow/domain';
import { IdField, SetField, TextField, TimeField, type WordSet } from '../http/query-fields';
import { unknownToPlanner } from '../database/unknown-to-planner';
import { COMPLETION_SQL } from './lineage-record';

/** What lists of records can be narrowed by; all that is given must hold. Named as on the wire. */
export class RecordFilters {
  @IdField('Records of this execution')
  readonly execution_id?: string;

  @SetField(RECORD_STATUSES, 'RecordStatusFilter', 'Records with one of these statuses, separated by commas')
  readonly status?: WordSet;

  @SetField(COMPLETIONS, 'CompletionFilter', 'Records with one of these completions, separated by commas')
  readonly completion?: WordSet;

  @TextField('Records of this route')
  readonly route_id?: string;

  @TextField('Records of this adapter')
  readonly adapter_name?: string;

  @IdField('Records of this batch')
  readonly batch_id?: string;

  @IdField('Records whose `parent_id` is this; joins only count where it is the first of their parents')
  readonly parent_id?: string;

  @TextField('Records whose input has this hash', LIMITS.hashCharacters)
  readonly input_hash?: string;

  @TextField('Records whose output has this hash', LIMITS.hashCharacters)
  readonly output_hash?: string;

  @TimeField('Records started at this time or later')
  readonly started_after?: number;

  @TimeField('Records started before this time')
  readonly started_before?: number;
}

/** Parameters of a statement while it is put together. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value and gives its place, such as `$3`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

type Filter = (place: (value: unknown) => string) => string;

/**
 * The conditions of a filter, on `lineage_record r`. Without `execution_id` a parent's executions are looked up first
 * (a parent has a row wherever it has children, so lineage_record_id and lineage_record_children serve).
 */
export function conditionsOf(filters: RecordFilters, parameters: Parameters): string[] {
  const {
    execution_id: executionId,
    status,
    completion,
    started_after: after,
    started_before: before,
    parent_id: parentId,
  } = filters;
  const equals = (column: keyof RecordFilters, type: string): Filter | undefined => {
    const value = filters[column];
    return value === undefined ? undefined : (place) => `r.${column} = ${place(value)}::${type}`;
  };
  const conditions: (Filter | undefined)[] = [
    () => 'r.registered_at IS NOT NULL',
    executionId === undefined
      ? undefined
      : (place) => `r.execution_id = ${unknownToPlanner(`${place(executionId)}::uuid`)}`,
    status && ((place) => `r.status = ANY(${place(status.words)}::text[])`),
    completion && ((place) => `${COMPLETION_SQL} = ANY(${place(completion.words)}::text[])`),
    equals('route_id', 'text'),
    equals('adapter_name', 'text'),
    equals('batch_id', 'uuid'),
    equals('parent_id', 'uuid'),
    parentId !== undefined && executionId === undefined
      ? (place) =>
          `r.execution_id = ANY(ARRAY(SELECT p.execution_id FROM lineage_record p WHERE p.id = ${place(parentId)}::uuid))`
      : undefined,
    equals('input_hash', 'text'),
    equals('output_hash', 'text'),
    after === undefined ? undefined : (place) => `r.started_at >= ${place(formatTime(after))}::timestamptz`,
    before === undefined ? undefined : (place) => `r.started_at < ${place(formatTime(before))}::timestamptz`,
  ];
  const place = (value: unknown): string => parameters.add(value);
  return conditions.flatMap((condition) => (condition ? [condition(place)] : []));
}

/** A filter in a form that is equal for equal filters, to bind cursors to. */
export const canonicalFilters = (filters: RecordFilters): unknown[] => [
  filters.execution_id ?? null,
  filters.status?.words ?? null,
  filters.completion?.words ?? null,
  filters.route_id ?? null,
  filters.adapter_name ?? null,
  filters.batch_id ?? null,
  filters.parent_id ?? null,
  filters.input_hash ?? null,
  filters.output_hash ?? null,
  filters.started_after ?? null,
  filters.started_before ?? null,
];
