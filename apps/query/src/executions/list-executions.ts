import { EXECUTION_STATUSES, formatTime, isId } from '@factflow/domain';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { Cursors, cutPage, isTime } from '../http/cursor';
import {
  CursorField,
  DEFAULT_LIMIT,
  IdField,
  LimitField,
  SetField,
  TextField,
  TimeField,
  type WordSet,
} from '../http/query-fields';
import { notPruned } from './absent-execution';
import {
  EXECUTION_COLUMNS,
  EXECUTION_COMPLETIONS,
  executionsOf,
  type ExecutionPage,
  type ExecutionRow,
} from './execution';

export class ListExecutionsRequest {
  @SetField(
    EXECUTION_STATUSES,
    'ExecutionStatusFilter',
    'Executions with one of these statuses, separated by commas',
  )
  readonly status?: WordSet;

  @SetField(
    EXECUTION_COMPLETIONS,
    'ExecutionCompletionFilter',
    'Executions with one of these completions, separated by commas',
  )
  readonly completion?: WordSet;

  @TextField('Executions of this name')
  readonly name?: string;

  @IdField('Executions that replay this one')
  readonly replay_of?: string;

  @TimeField('Executions started at this time or later')
  readonly started_after?: number;

  @TimeField('Executions started before this time')
  readonly started_before?: number;

  @LimitField()
  readonly limit: number = DEFAULT_LIMIT;

  @CursorField()
  readonly cursor?: string;
}

/** Executions, the one that started last first. */
export class ListExecutions extends Query<ExecutionPage> {
  constructor(readonly request: ListExecutionsRequest) {
    super();
  }
}

// Served by lineage_execution_started, or by lineage_execution_replays: no other index has its order.
const executionsSql = (isReplay: boolean): string => `
  SELECT ${EXECUTION_COLUMNS} FROM lineage_execution x
  WHERE ${notPruned('x.execution_id')} AND ($1::text[] IS NULL OR x.status = ANY($1))
    AND ($2::text[] IS NULL OR CASE WHEN x.status <> 'completed' THEN x.status
      WHEN x.unsettled = 0 AND x.placeholders = 0 THEN 'done' ELSE 'awaiting_records' END = ANY($2))
    AND ($3::text IS NULL OR x.name = $3)
    AND ($4::timestamptz IS NULL OR x.started_at >= $4)
    AND ($5::timestamptz IS NULL OR x.started_at < $5)
    AND ($7::timestamptz IS NULL OR (x.started_at, x.execution_id) < ($7, $8::uuid))
    AND ${isReplay ? 'x.replay_of BETWEEN $6::uuid AND $6' : '$6::uuid IS NULL'}
  ORDER BY ${isReplay ? 'x.replay_of DESC, ' : ''}x.started_at DESC, x.execution_id DESC LIMIT $9`;
const NARROW = 'a shorter time with started_after and started_before';

type Key = readonly [startedAt: number, id: string];

function readKey(value: unknown): Key | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [startedAt, id] = value as unknown[];
  return isTime(startedAt) && typeof id === 'string' && isId(id) ? [startedAt, id] : undefined;
}

const timeOf = (time: number | undefined): string | null => (time === undefined ? null : formatTime(time));

@QueryHandler(ListExecutions)
export class ListExecutionsHandler implements IQueryHandler<ListExecutions> {
  constructor(private readonly database: Database) {}

  async execute({ request }: ListExecutions): Promise<ExecutionPage> {
    const { limit } = request;
    const filters = [
      request.status?.words ?? null,
      request.completion?.words ?? null,
      request.name ?? null,
      timeOf(request.started_after),
      timeOf(request.started_before),
      request.replay_of ?? null,
    ];
    const cursors = new Cursors(['executions', ...filters], readKey);
    const [before, beforeId] = cursors.open(request.cursor) ?? [];
    const parameters = [...filters, timeOf(before), beforeId ?? null, limit + 1];
    const sql = executionsSql(request.replay_of !== undefined);
    const rows = await this.database.read<ExecutionRow>(sql, parameters, NARROW);
    const page = cutPage(rows, limit, (last) =>
      cursors.after([last.started_at.getTime(), last.execution_id]),
    );
    return { ...page, items: await executionsOf(this.database.reader(), page.items) };
  }
}
