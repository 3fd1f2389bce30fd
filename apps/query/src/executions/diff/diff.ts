import type { Completion, RecordStatus } from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import { SHOWN_COMPLETIONS, SHOWN_STATUSES } from '../../lineage/lineage-record';
import { Count, Flag, Id, NextCursor, Text, Word } from '../../http/response-fields';
import { ExecutionHead } from '../execution';
import { DIFF_CLASSES, SLOWER_FACTOR, SLOWER_MS, type DiffClass } from './classify';

// A message is all attempts at it (`retry_of`); its outcome is that of the last one.

/** How many messages are of which class. */
export class DiffCounts implements Record<DiffClass, number> {
  @Count('Done in a, failed in b')
  readonly newly_failing!: number;

  @Count('In a alone, and b has ended')
  readonly missing!: number;

  @Count(
    'Cancelled in b, and not in a, where it was done, failed or left unfinished; nobody knows how it would have ended',
  )
  readonly newly_cancelled!: number;

  @Count(
    'Failed in b, and in a failed with another error class or normalised message, or was cancelled or left unfinished; or cancelled in both, for another reason',
  )
  readonly failing_differently!: number;

  @Count('Failed in both with the same error class and normalised message')
  readonly failing_same!: number;

  @Count('Not finished in b, or not yet there, or not finished in a while a goes on')
  readonly pending!: number;

  @Count('Done in both, with different output hashes')
  readonly output_changed!: number;

  @Count('In b alone')
  readonly extra!: number;

  @Count('Failed, cancelled or left unfinished in a, done in b')
  readonly fixed!: number;

  @Count('Done in both with the same output hash')
  readonly identical!: number;

  @Count(
    `Of those with the same outcome in both: took more than ${SLOWER_FACTOR} times as long, and at least ${SLOWER_MS} ms longer`,
  )
  readonly slower!: number;

  @Count('Of the extra ones: failed or cancelled, and not below a fixed one')
  readonly extra_failing!: number;

  @Count('Of the extra ones: failed or cancelled below a fixed one, which got further than before')
  readonly failing_further!: number;
}

export class DiffAdapter extends DiffCounts {
  @Text()
  readonly route_id!: string;

  @Text()
  readonly adapter_name!: string;
}

/** One of the two executions. */
export class DiffExecution extends ExecutionHead {
  @Id({ nullable: true })
  readonly replay_of!: string | null;

  @Count('Messages that are compared')
  readonly compared!: number;

  @Count(
    'Messages that are not, because the other execution replays a part only: neither replayed nor below what was',
  )
  readonly outside!: number;
}

/** What a diff says of all of it. */
export class DiffSummary {
  @ApiProperty({ type: () => DiffExecution })
  readonly a!: DiffExecution;

  @ApiProperty({ type: () => DiffExecution })
  readonly b!: DiffExecution;

  @Flag('Whether b has ended and nothing that is compared is unfinished in it: what is told is final')
  readonly finished!: boolean;

  @Flag('Whether something is newly failing, missing, newly cancelled, or extra and failing')
  readonly worse!: boolean;

  @ApiProperty({ type: () => DiffCounts })
  readonly totals!: DiffCounts;

  @ApiProperty({
    type: () => [DiffAdapter],
    description: 'By route and adapter, in the order of their names; the first 1000',
  })
  readonly adapters!: DiffAdapter[];

  @Count('Adapters that are left out')
  readonly more_adapters!: number;
}

/** Why an attempt failed. */
export class DiffError {
  @Text()
  readonly class!: string;

  @Text({ description: 'Cut to 1000 characters' })
  readonly message!: string;
}

/** A message on one side: its last attempt. */
export class DiffAttempt {
  @Id({ description: 'The record of the last attempt' })
  readonly id!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'How many attempts there were' })
  readonly attempts!: number;

  @Word(SHOWN_STATUSES, 'RecordStatus')
  readonly status!: RecordStatus | 'unknown';

  @Word(SHOWN_COMPLETIONS, 'Completion')
  readonly completion!: Completion;

  @Text({ nullable: true })
  readonly input_hash!: string | null;

  @Text({ nullable: true })
  readonly output_hash!: string | null;

  @ApiProperty({ type: () => DiffError, nullable: true })
  readonly error!: DiffError | null;

  @Text({ nullable: true })
  readonly cancel_reason!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, description: 'null: it has not ended' })
  readonly duration_ms!: number | null;
}

export const PAIRED_BY = ['replay', 'parents', 'input'] as const;

/** A message of either execution or of both. */
export class DiffRow {
  @Word(DIFF_CLASSES, 'DiffClass')
  readonly class!: DiffClass;

  @Flag()
  readonly slower!: boolean;

  @Text({ description: 'As in a, if it is there' })
  readonly route_id!: string;

  @Text()
  readonly adapter_name!: string;

  @Word(PAIRED_BY, 'PairedBy', {
    nullable: true,
    description:
      '`replay`: by replay_of_record; `parents`: the same input below paired messages; `input`: the same adapter and input',
  })
  readonly paired_by!: (typeof PAIRED_BY)[number] | null;

  @ApiProperty({ type: () => DiffAttempt, nullable: true })
  readonly a!: DiffAttempt | null;

  @ApiProperty({ type: () => DiffAttempt, nullable: true })
  readonly b!: DiffAttempt | null;
}

/** Two executions compared, and a page of the messages. */
export class Diff extends DiffSummary {
  @ApiProperty({ type: () => [DiffRow], description: 'The worst class first, then by route, adapter and id' })
  readonly items!: DiffRow[];

  @NextCursor()
  readonly next_cursor!: string | null;
}
