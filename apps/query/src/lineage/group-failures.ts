import { formatTime } from '@factflow/domain';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { MAX_GROUPS, type FailureGroup, type FailureGroups } from './failure-groups';
import { MESSAGE_CHARACTERS, normaliseMessage } from './normalise-message';
import { readFates, type Fate } from './read-fates';
import type { RecordFilters } from './record-filters';
import type { RecordKey } from './record-key';
import { readRecordRows } from './record-pages';

/** Failures read with one statement. */
const BLOCK = 5000;
/** No block is begun after this; what was not looked at by then is left out, and the answer says so. */
const MAX_MS = 20_000;

/** Failed records that match a filter, by what went wrong. */
export class GroupFailures extends Query<FailureGroups> {
  constructor(
    readonly filters: RecordFilters,
    readonly limit: number,
    /** ends it when nobody waits for the answer */
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

// Of a failure no more is read than a group is made of: its metadata alone may be 64 KiB.
const COLUMNS = `r.id, r.execution_id, r.route_id, r.adapter_name, r.completed_at, r.retry_of, r.error ->> 'class' AS class,
  left(r.error ->> 'message', ${MESSAGE_CHARACTERS}) AS message`;

interface FailureRow {
  readonly id: string;
  readonly execution_id: string;
  readonly route_id: string;
  readonly adapter_name: string;
  readonly completed_at: Date;
  readonly retry_of: string | null;
  readonly class: string | null;
  readonly message: string | null;
}

/** Failures are read newest first, a block at a time; what is kept of them are groups, of which there is a most. */
@QueryHandler(GroupFailures)
export class GroupFailuresHandler implements IQueryHandler<GroupFailures> {
  constructor(private readonly database: Database) {}

  async execute({ filters, limit, signal }: GroupFailures): Promise<FailureGroups> {
    const groups = new Groups();
    const reader = this.database.reader(signal);
    const until = Date.now() + MAX_MS;
    let behind: RecordKey | undefined;
    let truncated = false;
    for (;;) {
      signal?.throwIfAborted();
      const order = { time: 'completed_at', direction: 'DESC' } as const;
      const rows: FailureRow[] = await readRecordRows<'completed_at', FailureRow>(
        this.database,
        { filters, order, limit: BLOCK, behind },
        COLUMNS,
      );
      const fates = await readFates(reader, rows);
      rows.forEach((row, n) => groups.add(row, fates[n] ?? 'left'));
      const last = rows.at(-1);
      if (!last || rows.length < BLOCK) break;
      behind = [last.completed_at.getTime(), last.id, last.execution_id];
      truncated = Date.now() > until;
      if (truncated) break;
    }
    return { ...groups.first(limit), truncated };
  }
}

/** A group while it is counted. */
interface Counting {
  readonly row: FailureRow;
  readonly message: string;
  count: number;
  fixed: number;
  triedAgain: number;
  firstAt: number;
  readonly lastAt: number;
  sample: FailureRow;
  sampleIsFixed: boolean;
}

class Groups {
  private readonly byKey = new Map<string, Counting>();
  private failures = 0;
  private ungrouped = 0;

  /** @param row not later than those added before */
  add(row: FailureRow, fate: Fate): void {
    this.failures += 1;
    const message = normaliseMessage(row.message ?? '');
    const key = [row.route_id, row.adapter_name, row.class, message].join('\0');
    const known = this.byKey.get(key);
    if (!known && this.byKey.size >= MAX_GROUPS) {
      this.ungrouped += 1;
      return;
    }
    const at = row.completed_at.getTime();
    const isFixed = fate === 'fixed';
    const group = known ?? {
      row,
      message,
      count: 0,
      fixed: 0,
      triedAgain: 0,
      firstAt: at,
      lastAt: at,
      sample: row,
      sampleIsFixed: isFixed,
    };
    this.byKey.set(key, group);
    group.count += 1;
    group.firstAt = at;
    if (isFixed) group.fixed += 1;
    else if (fate === 'tried') group.triedAgain += 1;
    if (group.sampleIsFixed && !isFixed) {
      group.sample = row;
      group.sampleIsFixed = false;
    }
  }

  first(limit: number): Omit<FailureGroups, 'truncated'> {
    const sorted = [...this.byKey.values()].sort(
      (a, b) =>
        b.count - b.fixed - (a.count - a.fixed) ||
        b.count - a.count ||
        b.lastAt - a.lastAt ||
        (a.sample.id < b.sample.id ? -1 : 1),
    );
    return {
      groups: sorted.slice(0, limit).map(groupOf),
      total_groups: sorted.length,
      failures: this.failures,
      ungrouped: this.ungrouped,
    };
  }
}

const groupOf = ({ row, message, sample, ...counting }: Counting): FailureGroup => ({
  route_id: row.route_id,
  adapter_name: row.adapter_name,
  error_class: row.class ?? '',
  message,
  count: counting.count,
  fixed: counting.fixed,
  tried_again: counting.triedAgain,
  first_at: formatTime(counting.firstAt),
  last_at: formatTime(counting.lastAt),
  sample_id: sample.id,
  sample_execution_id: sample.execution_id,
});
