import { executionCompletionOf } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { ApiProperty } from '@nestjs/swagger';
import type { Reader } from '../database/database';
import { Count, Flag, Id, Text, Time } from '../http/response-fields';
import { timeOf } from '../lineage/lineage-record';
import { notPruned } from './absent-execution';
import { Execution, ExecutionHead } from './execution';

/** Adapters, and replays, that an answer holds. */
const SHOWN = 20;
/** Failures among which samples are looked for. */
const SAMPLED = 10_000;

/** An adapter that failed. */
export class FailingAdapter {
  @Text()
  readonly route_id!: string;

  @Text()
  readonly adapter_name!: string;

  @Count('Records of it that failed, whatever became of later attempts')
  readonly failed!: number;

  @Id({
    nullable: true,
    description: `The record that failed last; null: none of its failures is among the latest ${SAMPLED} of the execution`,
  })
  readonly sample_record_id!: string | null;
}

/** An execution that replays another one. */
export class Replay extends ExecutionHead {
  @Text({ nullable: true })
  readonly from_stage!: string | null;

  @Time()
  readonly started_at!: string;
}

/** One execution with what failed in it and what was replayed from it. */
export class ExecutionDetails extends Execution {
  @ApiProperty({
    type: () => [FailingAdapter],
    description: `Adapters with failed records, the most first; at most ${SHOWN}`,
  })
  readonly failing_adapters!: FailingAdapter[];

  @Flag('Whether there are more failing adapters: the statistics have them all')
  readonly more_failing_adapters!: boolean;

  @ApiProperty({
    type: () => [Replay],
    description: `What was replayed from it, the latest first; at most ${SHOWN}`,
  })
  readonly replays!: Replay[];

  @Flag('Whether there are more replays: the list of executions with `replay_of` has them all')
  readonly more_replays!: boolean;
}

// Served by the primary key of lineage_statistics and by lineage_record_execution_failures, of which no more is read than
// it takes to find the samples. `= ANY(ARRAY[…])` as in record-scans.ts: no other index has this order.
const FAILING: Statement = {
  name: 'failing adapters',
  sql: `
  WITH recent AS MATERIALIZED (
    SELECT r.id, r.route_id, r.adapter_name FROM lineage_record r
    WHERE r.execution_id = ANY(ARRAY[$1::uuid]) AND r.registered_at IS NOT NULL AND r.status = 'failed'
    ORDER BY r.execution_id DESC, r.completed_at DESC, r.id DESC LIMIT ${SAMPLED})
  SELECT s.route_id, s.adapter_name, s.failed, (
    SELECT recent.id FROM recent
    WHERE recent.route_id = s.route_id AND recent.adapter_name = s.adapter_name LIMIT 1) AS sample_record_id
  FROM (SELECT * FROM lineage_statistics s WHERE s.execution_id = $1 AND s.failed > 0
    ORDER BY s.failed DESC, s.route_id, s.adapter_name LIMIT ${SHOWN + 1}) s
  ORDER BY s.failed DESC, s.route_id, s.adapter_name`,
};

// Served by lineage_execution_replays: a range of one value leaves no other index to look in.
const REPLAYS: Statement = {
  name: 'replays of execution',
  sql: `
  SELECT x.execution_id, x.name, x.status, x.unsettled, x.placeholders, x.from_stage, x.started_at FROM lineage_execution x
  WHERE x.replay_of BETWEEN $1::uuid AND $1 AND ${notPruned('x.execution_id')}
  ORDER BY x.replay_of DESC, x.started_at DESC, x.execution_id DESC LIMIT ${SHOWN + 1}`,
};

interface FailingRow extends Omit<FailingAdapter, 'failed'> {
  readonly failed: string;
}
interface ReplayRow extends Pick<Replay, 'name' | 'status' | 'from_stage'> {
  readonly execution_id: string;
  readonly unsettled: string;
  readonly placeholders: string;
  readonly started_at: Date;
}

/** Adds what failed in an execution and what was replayed from it, in two statements. */
export async function withDetails(reader: Reader, execution: Execution): Promise<ExecutionDetails> {
  const failing = await reader.rows<FailingRow>(FAILING, [execution.id]);
  const replays = await reader.rows<ReplayRow>(REPLAYS, [execution.id]);
  return {
    ...execution,
    failing_adapters: failing.slice(0, SHOWN).map((row) => ({ ...row, failed: Number(row.failed) })),
    more_failing_adapters: failing.length > SHOWN,
    replays: replays.slice(0, SHOWN).map(replayOf),
    more_replays: replays.length > SHOWN,
  };
}

const replayOf = (row: ReplayRow): Replay => ({
  id: row.execution_id,
  name: row.name,
  status: row.status,
  completion: executionCompletionOf({
    status: row.status,
    unsettled: Number(row.unsettled),
    placeholders: Number(row.placeholders),
  }),
  from_stage: row.from_stage,
  started_at: timeOf(row.started_at) as string,
});
