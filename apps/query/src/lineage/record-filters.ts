import {
  COMPLETIONS,
  LIMITS,
  RECORD_STATUSES,
  type CountedCompletion,
  type RecordStatus,
} from '@factflow/domain';
import { FlagField, IdField, SetField, TextField, TimeField, type WordSet } from '../http/query-fields';

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

  @FlagField('Records that are pending under a recorder that is gone (true), or all others (false)')
  readonly stalled?: boolean;
}

/** The status of records of a completion. */
export const statusOf = (completion: CountedCompletion): RecordStatus =>
  completion === 'done' || completion === 'awaiting_children' ? 'completed' : completion;

/** The completions that `status` and `completion` allow together. */
export const allowedCompletions = ({
  status,
  completion,
  stalled,
}: RecordFilters): readonly CountedCompletion[] =>
  COMPLETIONS.filter(
    (word) =>
      (stalled !== true || word === 'pending') &&
      (status?.words.includes(statusOf(word)) ?? true) &&
      (completion?.words.includes(word) ?? true),
  );

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
  filters.stalled ?? null,
];
