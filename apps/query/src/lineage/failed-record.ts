import type { Completion, RecordStatus } from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import { Id, NextCursor, Word } from '../http/response-fields';
import { LineageRecord, SHOWN_COMPLETIONS, SHOWN_STATUSES } from './lineage-record';

/** What became of another attempt at what failed. */
export class Attempt {
  @Id({ description: 'The record of the attempt' })
  readonly id!: string;

  @Id()
  readonly execution_id!: string;

  @Word(SHOWN_STATUSES, 'RecordStatus')
  readonly status!: RecordStatus;

  @Word(SHOWN_COMPLETIONS, 'Completion')
  readonly completion!: Completion;
}

/** A record that failed, with what was tried since. */
export class FailedRecord extends LineageRecord {
  @ApiProperty({
    type: () => Attempt,
    nullable: true,
    description:
      'Of the retries of the same message (`retry_of` this record, the one it retries itself, or a retry of these) one that ' +
      'completed, else the latest; null: there is no other',
  })
  readonly retry!: Attempt | null;

  @ApiProperty({
    type: () => Attempt,
    nullable: true,
    description:
      'Of the replays of this record (`replay_of_record`) one that completed, else the latest; null: there is none',
  })
  readonly replay!: Attempt | null;
}

/** Some of the failed records that a question is about. */
export class FailurePage {
  @ApiProperty({ type: () => [FailedRecord] })
  readonly items!: FailedRecord[];

  @NextCursor()
  readonly next_cursor!: string | null;
}
