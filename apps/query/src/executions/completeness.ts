import {
  COMPLETENESS_STATES,
  completenessOf,
  type Completeness as Found,
  type CompletenessState,
  type Coverage,
  type ExecutionStatus,
} from '@factflow/domain';
import { fromMultirange, recorderFromRow, type Statement } from '@factflow/store';
import { ApiProperty } from '@nestjs/swagger';
import type { Reader } from '../database/database';
import { Count, Id, Text, Word } from '../http/response-fields';
import { COLUMNS, type RecorderRow } from '../recorders/recorder';

/** Ranges that an answer holds. */
const SHOWN_RANGES = 100;
/** Recorders in executions of one page; a page that has more is not told about. */
export const MOST_SEEN = 10_000;

/** Sequences of a recorder that have not arrived. */
export class MissingSequences {
  @Id()
  readonly recorder_id!: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly from!: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly to!: number;
}

/** Whether everything recorded of an execution has arrived, as far as that can be proved. */
export class Completeness {
  @Word(COMPLETENESS_STATES, 'CompletenessState', {
    description:
      '`proven`: it has ended, all has settled, and every recorder seen in it has since reported with nothing missing; ' +
      '`open`: more is to come; `lossy`: events were lost or rejected; `unknown`: events came without sequences, or with one that another has',
  })
  readonly state!: CompletenessState;

  @Text({ description: 'What the state means here, as sentences' })
  readonly reason!: string;

  @Count('Records that have not settled, or are mentioned and not registered')
  readonly pending!: number;

  @ApiProperty({
    type: () => [MissingSequences],
    description: `What was lost or rejected and may be of the execution; the first ${SHOWN_RANGES} ranges`,
  })
  readonly ranges!: MissingSequences[];

  @Text({ nullable: true, description: 'A command to type next' })
  readonly advice!: string | null;
}

// Both served by primary keys.
export const COVERAGE: Statement = {
  name: 'coverage',
  sql: `
  SELECT c.execution_id, c.recorder_id, c.started_sequence, c.ended_sequence, c.ended_at, c.rejected::text AS rejected
  FROM lineage_coverage c WHERE c.execution_id = ANY($1::uuid[]) LIMIT ${MOST_SEEN + 1}`,
};
export const RECORDERS: Statement = {
  name: 'recorders',
  sql: `SELECT ${COLUMNS} FROM lineage_recorder o WHERE o.recorder_id = ANY($1::uuid[])`,
};

export interface CoverageRow {
  readonly execution_id: string;
  readonly recorder_id: string;
  readonly started_sequence: string | null;
  readonly ended_sequence: string | null;
  readonly ended_at: Date | null;
  readonly rejected: string;
}

/** What of an execution's row its completeness is told from; `bigint` arrives as text. */
export interface CoveredRow {
  readonly execution_id: string;
  readonly status: ExecutionStatus;
  readonly pending: string;
  readonly unsettled: string;
  readonly placeholders: string;
  readonly first_event_at: Date;
}

/** The completeness of executions, with two statements for all of them; by id. */
export async function readCompleteness(
  reader: Reader,
  executions: readonly CoveredRow[],
): Promise<ReadonlyMap<string, Completeness>> {
  if (executions.length === 0) return new Map();
  const rows = await reader.rows<CoverageRow>(COVERAGE, [executions.map((row) => row.execution_id)]);
  const seen = [...new Set(rows.map((row) => row.recorder_id))];
  const found = rows.length > MOST_SEEN ? [] : await reader.rows<RecorderRow>(RECORDERS, [seen]);
  const recorders = new Map(found.map((row) => [row.recorder_id, recorderFromRow(row)]));
  const now = found[0]?.now.getTime() ?? Date.now();
  return new Map(
    executions.map((row) => {
      const covered = {
        id: row.execution_id,
        status: row.status,
        pending: Number(row.pending),
        unsettled: Number(row.unsettled),
        placeholders: Number(row.placeholders),
        firstEventAt: row.first_event_at.getTime(),
      };
      const own = rows.filter(({ execution_id: id }) => id === row.execution_id);
      const completeness =
        rows.length > MOST_SEEN
          ? { ...completenessOf(covered, [], recorders, now), reason: TOO_MANY }
          : completenessOf(covered, own.map(coverageOf), recorders, now);
      return [row.execution_id, shown(completeness)];
    }),
  );
}

const TOO_MANY = `More than ${MOST_SEEN} recorders were seen: too many to ask about, name fewer executions.`;

const sequenceOf = (text: string | null): number | null => (text === null ? null : Number(text));

export const coverageOf = (row: CoverageRow): Coverage => ({
  recorderId: row.recorder_id,
  startedSequence: sequenceOf(row.started_sequence),
  endedSequence: sequenceOf(row.ended_sequence),
  endedAt: row.ended_at?.getTime() ?? null,
  rejected: fromMultirange(row.rejected),
});

const shown = ({ state, reason, pending, ranges, advice }: Found): Completeness => ({
  state,
  reason:
    ranges.length > SHOWN_RANGES
      ? `${reason} These are the first ${SHOWN_RANGES} of ${ranges.length} ranges.`
      : reason,
  pending,
  ranges: ranges
    .slice(0, SHOWN_RANGES)
    .map(({ recorderId, from, to }) => ({ recorder_id: recorderId, from, to })),
  advice,
});
