import type { Completion } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { ApiProperty } from '@nestjs/swagger';
import type { Reader } from '../database/database';
import { Flag, NextCursor, Word } from '../http/response-fields';
import { LineageRecord, RECORD_COLUMNS, SHOWN_COMPLETIONS, type RecordRow } from './lineage-record';
import { lineageRecordsOf } from './stalled';

/** Depths are signed 32-bit numbers. */
export const MAX_DEPTH = 2_147_483_647;

/** A record of a chain. */
export class ChainRecord extends LineageRecord {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: MAX_DEPTH,
    description: 'Fewest steps from the record asked for; 1 is next to it',
  })
  readonly depth!: number;
}

/** A line of a streamed chain. */
export class ChainLine extends ChainRecord {
  @Word(['self', 'ancestors', 'descendants'], 'ChainDirection', {
    description:
      '`self` (depth 0) is the record asked for and comes first, then its ancestors, then its descendants',
  })
  readonly direction!: 'self' | 'ancestors' | 'descendants';
}

/** The last line of a streamed chain that is not whole. */
export class ChainTruncation {
  @ApiProperty({ type: Boolean, enum: [true] })
  readonly truncated!: true;
}

/** A record with everything that led to it and everything that came of it. */
export class Chain {
  @ApiProperty({ type: () => LineageRecord })
  readonly record!: LineageRecord;

  @ApiProperty({
    type: () => [ChainRecord],
    description: 'By depth, start and id, placeholders last in their depth; each record once',
  })
  readonly ancestors!: ChainRecord[];

  @ApiProperty({ type: () => [ChainRecord], description: 'In the same order' })
  readonly descendants!: ChainRecord[];

  @Word(SHOWN_COMPLETIONS, 'Completion', {
    description: 'What the record amounts to, with everything below it',
  })
  readonly completion!: Completion;

  @Flag('Whether there are more records than a trace holds: the ones furthest away are left out')
  readonly truncated!: boolean;

  @NextCursor()
  readonly next_cursor!: string | null;
}

/**
 * Columns of the records of one execution ($1) whose ids are given ($2), `page.place` being where, from 1. Served by the primary key of lineage_record,
 * whatever the planner believes of the execution.
 */
export const recordsOf = (name: string, columns: string): Statement => ({
  name,
  sql: `
  SELECT ${columns} FROM unnest($2::uuid[]) WITH ORDINALITY page(id, place) CROSS JOIN LATERAL (
    SELECT * FROM lineage_record r
    WHERE r.execution_id = $1::uuid AND r.id BETWEEN page.id AND page.id ORDER BY r.id OFFSET 0) r`,
});
const RECORDS = recordsOf('records', RECORD_COLUMNS);

/** Records of one execution by id. Ids that have no record are missing in the answer. */
export async function readRecords(
  reader: Reader,
  executionId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LineageRecord>> {
  const rows = await reader.rows<RecordRow>(RECORDS, [executionId, [...new Set(ids)]]);
  return new Map((await lineageRecordsOf(reader, rows)).map((record) => [record.id, record]));
}
