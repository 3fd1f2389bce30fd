import {
  EXECUTION_STATUSES,
  executionCompletionOf,
  formatTime,
  type ErrorInfo,
  type ExecutionCompletion,
  type ExecutionStatus,
  type Metadata,
} from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import type { Reader } from '../database/database';
import { ErrorDetails, errorDetailsOf } from '../http/error-details';
import { Count, Flag, FreeJson, Id, NextCursor, Text, Time, Word } from '../http/response-fields';
import { StatusCounts } from '../http/status-counts';
import { Completeness, readCompleteness } from './completeness';

export const EXECUTION_COMPLETIONS = [
  'running',
  'awaiting_records',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly ExecutionCompletion[];

/** What every answer says of an execution that it names. */
export class ExecutionHead {
  @Id()
  readonly id!: string;

  @Text({ nullable: true })
  readonly name!: string | null;

  @Word(EXECUTION_STATUSES, 'ExecutionStatus')
  readonly status!: ExecutionStatus;

  @Word(EXECUTION_COMPLETIONS, 'ExecutionCompletion', {
    description: 'What the execution amounts to, its records considered; `done` is the only word for done',
  })
  readonly completion!: ExecutionCompletion;
}

/** One run of a pipeline as the API shows it. */
export class Execution extends ExecutionHead {
  @Time({ description: 'Without a start of its own, the time of its earliest event' })
  readonly started_at!: string;

  @Time({ nullable: true })
  readonly completed_at!: string | null;

  @ApiProperty({ type: () => ErrorDetails, nullable: true })
  readonly error!: ErrorDetails | null;

  @Id({ nullable: true, description: 'The execution this one replays' })
  readonly replay_of!: string | null;

  @Text({ nullable: true, description: 'The adapter the replay starts from' })
  readonly from_stage!: string | null;

  @FreeJson({ nullable: true })
  readonly metadata!: Metadata | null;

  @ApiProperty({ type: () => StatusCounts, description: 'Registered records by status' })
  readonly counts!: StatusCounts;

  @Count('Registered records that have not settled')
  readonly unsettled!: number;

  @Count('Records that others mention and nobody has registered')
  readonly placeholders!: number;

  @Flag('Whether it is kept, however old it is')
  readonly pinned!: boolean;

  @ApiProperty({ type: () => Completeness, description: 'Whether everything recorded of it has arrived' })
  readonly completeness!: Completeness;
}

export class ExecutionPage {
  @ApiProperty({ type: () => [Execution] })
  readonly items!: Execution[];

  @NextCursor()
  readonly next_cursor!: string | null;
}

/** `lineage_execution` as it is read: `bigint` arrives as text. */
export interface ExecutionRow {
  readonly execution_id: string;
  readonly name: string | null;
  readonly status: ExecutionStatus;
  readonly started_at: Date;
  readonly completed_at: Date | null;
  readonly error: ErrorInfo | null;
  readonly replay_of: string | null;
  readonly from_stage: string | null;
  readonly metadata: Metadata | null;
  readonly pending: string;
  readonly completed: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly unsettled: string;
  readonly placeholders: string;
  readonly pinned: boolean;
  readonly first_event_at: Date;
}

/** The columns of an {@link ExecutionRow}; the table goes by the name `x`. Pins are looked up by their primary key. */
export const EXECUTION_COLUMNS = `x.execution_id, x.name, x.status, x.started_at, x.completed_at, x.error, x.replay_of,
  x.from_stage, x.metadata, x.pending, x.completed, x.failed, x.cancelled, x.unsettled, x.placeholders, x.first_event_at,
  (SELECT true FROM lineage_pin p WHERE p.execution_id = x.execution_id) IS NOT NULL AS pinned`;

/** Rows as the API shows them. Their completeness takes two more statements, however many there are. */
export async function executionsOf(reader: Reader, rows: readonly ExecutionRow[]): Promise<Execution[]> {
  const completeness = await readCompleteness(reader, rows);
  return rows.map((row) => executionOf(row, completeness.get(row.execution_id) as Completeness));
}

function executionOf(row: ExecutionRow, completeness: Completeness): Execution {
  const { status } = row;
  const unsettled = Number(row.unsettled);
  const placeholders = Number(row.placeholders);
  return {
    id: row.execution_id,
    name: row.name,
    status,
    completion: executionCompletionOf({ status, unsettled, placeholders }),
    started_at: formatTime(row.started_at.getTime()),
    completed_at: row.completed_at && formatTime(row.completed_at.getTime()),
    error: errorDetailsOf(row.error),
    replay_of: row.replay_of,
    from_stage: row.from_stage,
    metadata: row.metadata,
    counts: {
      pending: Number(row.pending),
      completed: Number(row.completed),
      failed: Number(row.failed),
      cancelled: Number(row.cancelled),
    },
    unsettled,
    placeholders,
    pinned: row.pinned,
    completeness,
  };
}
