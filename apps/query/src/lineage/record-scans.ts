import { COMPLETIONS, RECORD_STATUSES, type CountedCompletion, type RecordStatus } from '@factflow/domain';
import type { Parameters } from '../database/parameters';
import { allowedCompletions, statusOf, type RecordFilters } from './record-filters';
import { STALLED } from './stalled';

// Which index answers a list is decided here, from the filters alone. Left to the planner it depends on statistics: they
// know nothing of an execution that has just begun, and a wrong guess reads a table where a page was asked for. So sorting
// is off (database.module.ts), and every scan is written such that one index alone gives its rows in order. Within an
// execution the indexes over all executions would give it as well: there `execution_id` is compared with an array of one
// value. For an index that is equality; the planner, who sees that an array might hold several, keeps the column in the
// order, and only the indexes of an execution begin with it.
//
// Pending records are in the indexes by status alone. What is found by something else is merged with those of them that
// match, looked at one by one: they are few.

/** Lists go by one of these; every index they are served by ends in it, the id and, where it is not first, the execution. */
export type TimeColumn = 'started_at' | 'completed_at';

/** What a list is read from. */
export interface Scope {
  readonly filters: RecordFilters;
  readonly time: TimeColumn;
  /** SQL expression of the one execution that is read, if it is one */
  readonly execution: string | undefined;
}

/** A stretch of one index in the order of time. */
export interface Scan {
  /** the index that serves it */
  readonly index: string;
  /** on `lineage_record r`; bounds of time come on top */
  readonly conditions: readonly string[];
  /** what the index is read in the order of */
  readonly order: readonly string[];
}

const TYPES = {
  execution_id: 'uuid',
  route_id: 'text',
  adapter_name: 'text',
  batch_id: 'uuid',
  parent_id: 'uuid',
  input_hash: 'text',
  output_hash: 'text',
} as const;
type FilterColumn = keyof typeof TYPES;
const FILTER_COLUMNS = Object.keys(TYPES) as FilterColumn[];

const ALL: readonly FilterColumn[] = [];
const ENDED = `r.registered_at IS NOT NULL AND r.status <> 'pending'`;

/** The scans that hold the records a filter matches; none when nothing can match. */
export function scansOf(scope: Scope, parameters: Parameters): Scan[] {
  const completions = allowedCompletions(scope.filters);
  const scans = new Scans(scope, completions, parameters);
  if (scope.time === 'completed_at') return completions.includes('failed') ? [scans.failures()] : [];
  if (completions.length === 0) return [];
  if (scans.column === undefined) return scans.byStatus(statusesOf(completions));
  if (scans.column === 'parent_id') return [scans.children()];
  const ended = completions.some((word) => word !== 'pending') ? [scans.ended(scans.column)] : [];
  return completions.includes('pending') ? [...ended, ...scans.byStatus(['pending'])] : ended;
}

const statusesOf = (completions: readonly CountedCompletion[]): readonly RecordStatus[] =>
  RECORD_STATUSES.filter((status) => completions.some((word) => statusOf(word) === status));

/** Column of a filter that an index over ended records begins with, or goes on with behind the execution. */
type EndedColumn = 'input_hash' | 'output_hash' | 'batch_id' | 'adapter_name' | 'route_id';
const ENDED_INDEXES: Readonly<Record<EndedColumn, string>> = {
  input_hash: 'input',
  output_hash: 'output',
  batch_id: 'batch',
  adapter_name: 'adapter',
  route_id: 'route',
};

/** Writes the scans of one list. */
class Scans {
  /** what the records are found by: the filter that fewest of them pass, if not by status */
  readonly column: EndedColumn | 'parent_id' | undefined;
  private readonly isOne: boolean;

  constructor(
    private readonly scope: Scope,
    private readonly completions: readonly CountedCompletion[],
    private readonly parameters: Parameters,
  ) {
    this.isOne = scope.execution !== undefined;
    this.column = this.findBy();
  }

  private findBy(): EndedColumn | 'parent_id' | undefined {
    const given = (column: FilterColumn): boolean => this.scope.filters[column] !== undefined;
    const few = (['input_hash', 'output_hash', 'batch_id'] as const).find(given);
    if (few) return few;
    if (given('parent_id') && this.isOne) return 'parent_id';
    // Nearly all records are completed; those of any other status are fewer than those of an adapter.
    if (!this.completions.some((word) => statusOf(word) === 'completed')) return undefined;
    return (['adapter_name', 'route_id'] as const).find(given);
  }

  // Whatever else must hold is looked at row by row: failures are few.
  failures(): Scan {
    return {
      index: this.isOne ? 'lineage_record_execution_failures' : 'lineage_record_failures',
      conditions: [
        `r.registered_at IS NOT NULL AND r.status = 'failed'`,
        ...this.oneExecution(),
        ...this.equalities(['execution_id']),
      ],
      order: this.order(),
    };
  }

  children(): Scan {
    return {
      index: 'lineage_record_children',
      // Placeholders are left out in words that imply the condition of no partial index.
      conditions: [
        `r.completion <> 'unknown'`,
        ...this.equalities(ALL),
        ...this.completion(),
        ...this.stalled(),
      ],
      order: [this.scope.time, 'id', 'execution_id'],
    };
  }

  /** One scan per status. */
  byStatus(statuses: readonly RecordStatus[]): Scan[] {
    return statuses.map((status) => ({
      index: this.isOne ? 'lineage_record_execution_status' : 'lineage_record_status',
      conditions: [
        `r.registered_at IS NOT NULL AND r.status = '${status}'`,
        ...this.oneExecution(),
        ...this.equalities(['execution_id']),
        ...(status === 'completed' ? this.completed() : []),
        ...(status === 'pending' ? this.stalled() : []),
      ],
      order: this.order(),
    }));
  }

  ended(column: EndedColumn): Scan {
    const scoped = this.isOne && (column === 'adapter_name' || column === 'route_id');
    return {
      index: `lineage_record_${scoped ? 'execution_' : ''}${ENDED_INDEXES[column]}`,
      conditions: [
        ENDED,
        ...(scoped ? this.oneExecution() : []),
        ...this.equalities(scoped ? ['execution_id'] : ALL),
        ...this.completion(),
      ],
      order: scoped ? this.order() : [this.scope.time, 'id', 'execution_id'],
    };
  }

  /** Whether pending records are stalled is looked at one by one; where they are to be, no others get here. */
  private stalled(): string[] {
    const { stalled } = this.scope.filters;
    if (stalled === undefined) return [];
    return stalled ? [STALLED] : [`(r.status <> 'pending' OR NOT ${STALLED})`];
  }

  private order(): string[] {
    const { time } = this.scope;
    return this.isOne ? ['execution_id', time, 'id'] : [time, 'id', 'execution_id'];
  }

  private oneExecution(): string[] {
    const { execution } = this.scope;
    return execution === undefined ? [] : [`r.execution_id = ANY(ARRAY[${execution}])`];
  }

  private completion(): string[] {
    return this.completions.length === COMPLETIONS.length
      ? []
      : [`r.completion = ANY(${this.parameters.add(this.completions, 'text[]')})`];
  }

  // Of the completed records nearly all are done. Others are in executions that have something unsettled alone: what
  // began before all of these, or is in another one, need not be looked at. Served by lineage_execution_unsettled.
  private completed(): string[] {
    if (this.completions.includes('done')) {
      return this.completions.includes('awaiting_children') ? [] : ['r.pending_children = 0'];
    }
    const unsettled = `lineage_execution x WHERE x.unsettled > 0`;
    return [
      'r.pending_children > 0',
      ...(this.isOne
        ? [`EXISTS (SELECT FROM ${unsettled} AND x.execution_id = ${this.scope.execution})`]
        : [
            `r.execution_id = ANY(ARRAY(SELECT x.execution_id FROM ${unsettled}))`,
            `r.started_at >= (SELECT min(x.first_event_at) FROM ${unsettled})`,
          ]),
    ];
  }

  /** The filters that have one value, but those of `columns`. */
  private equalities(columns: readonly FilterColumn[]): string[] {
    const { filters, execution } = this.scope;
    return FILTER_COLUMNS.filter((column) => !columns.includes(column)).flatMap((column) => {
      if (column === 'execution_id') return execution === undefined ? [] : [equals(column, execution)];
      const value = filters[column];
      return value === undefined ? [] : [equals(column, this.parameters.add(value, TYPES[column]))];
    });
  }
}

const equals = (column: FilterColumn, value: string): string =>
  column === 'input_hash' || column === 'output_hash'
    ? `hashtextextended(r.${column}, 0) = hashtextextended(${value}, 0) AND r.${column} = ${value}`
    : `r.${column} = ${value}`;
