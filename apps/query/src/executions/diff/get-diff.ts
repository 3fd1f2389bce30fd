import { isId } from '@factflow/domain';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../../database/database';
import { Cursors } from '../../http/cursor';
import { CursorField, DEFAULT_LIMIT, LimitField, SetField, type WordSet } from '../../http/query-fields';
import { absentExecution } from '../absent-execution';
import { DIFF_CLASSES } from './classify';
import { AbsentExecution, compare, type Compared } from './compare';
import type { ComparedRow, RowKey } from './comparison';
import type { Diff } from './diff';
import { OneAtATime } from './one-at-a-time';
import { readRows } from './read-rows';
import { summaryOf } from './summary';

const WORDS = [...DIFF_CLASSES, 'slower'];

export class DiffRequest {
  @SetField(
    WORDS,
    'DiffClassFilter',
    'Rows of one of these classes, separated by commas; `slower` stands for the rows that are, whatever their class',
  )
  readonly class?: WordSet;

  @LimitField()
  readonly limit?: number;

  @CursorField()
  readonly cursor?: string;
}

/** Two executions compared, a page of the rows. */
export class GetDiff extends Query<Diff> {
  constructor(
    readonly a: string,
    readonly b: string,
    readonly request: DiffRequest,
    /** ends the comparison when nobody waits for it */
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

/** What compares. One at a time does, since it is mostly this process that works. */
export class Comparer {
  private readonly gate = new OneAtATime();

  constructor(
    private readonly database: Database,
    private readonly maxRecords: number,
  ) {}

  /** @throws QueryError when one of the executions is not there, or too large */
  async compare(a: string, b: string, signal: AbortSignal | undefined): Promise<Compared> {
    try {
      return await this.gate.run(
        () => this.database.longSnapshot((reader) => compare(reader, a, b, this.maxRecords), signal),
        signal,
      );
    } catch (error) {
      if (!(error instanceof AbsentExecution)) throw error;
      throw await absentExecution(this.database.reader(), error.id);
    }
  }
}

@QueryHandler(GetDiff)
export class GetDiffHandler implements IQueryHandler<GetDiff> {
  constructor(
    private readonly database: Database,
    @Inject(Comparer) private readonly comparer: Comparer,
  ) {}

  async execute({ a, b, request, signal }: GetDiff): Promise<Diff> {
    const { limit = DEFAULT_LIMIT } = request;
    const cursors = new Cursors(['diff', a, b, request.class?.words ?? null], readKey);
    const key = cursors.open(request.cursor);
    const compared = await this.comparer.compare(a, b, signal);
    const { comparison } = compared;
    const page: ComparedRow[] = [];
    let last: RowKey | undefined;
    let n = key ? comparison.indexBehind(key) : 0;
    for (; n < comparison.length && page.length <= limit; n += 1) {
      const row = comparison.row(n);
      if (!isWanted(row, request)) continue;
      page.push(row);
      if (page.length === limit) last = comparison.keyOf(n);
    }
    const more = page.length > limit;
    return {
      ...summaryOf(compared),
      items: await readRows(this.database.reader(signal), compared, page.slice(0, limit)),
      next_cursor: more && last ? cursors.after(last) : null,
    };
  }
}

/** Whether a row is of the classes that are asked for. */
export const isWanted = (row: ComparedRow, { class: classes }: DiffRequest): boolean =>
  classes === undefined ||
  classes.words.includes(row.found) ||
  (row.slower && classes.words.includes('slower'));

function readKey(value: unknown): RowKey | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [rank, route, adapter, id] = value as unknown[];
  if (!Number.isSafeInteger(rank) || typeof route !== 'string' || typeof adapter !== 'string')
    return undefined;
  return typeof id === 'string' && isId(id) ? [rank as number, route, adapter, id] : undefined;
}
