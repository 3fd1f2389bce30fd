import { ApiProperty } from '@nestjs/swagger';
import { Count, Flag, Id, Text, Time } from '../http/response-fields';

/** Groups that are told apart; a failure that would make one more is counted as ungrouped. */
export const MAX_GROUPS = 10_000;

/** Failures of one adapter with one error class and, numbers and the like aside, one message. */
export class FailureGroup {
  @Text()
  readonly route_id!: string;

  @Text()
  readonly adapter_name!: string;

  @Text({ description: 'Name of the exception class' })
  readonly error_class!: string;

  @Text({
    description:
      'The message with <id>, <n>, <hex>, <time>, <path>, <url> and <text> in place of what differs from one to the next',
  })
  readonly message!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Failed records' })
  readonly count!: number;

  @Count('Of these, those that have a retry or replay that is done')
  readonly fixed!: number;

  @Count('Of these, those that were tried again and are not fixed')
  readonly tried_again!: number;

  @Time({ description: 'When the first of them failed' })
  readonly first_at!: string;

  @Time({ description: 'When the last of them failed' })
  readonly last_at!: string;

  @Id({ description: 'One of them: the last that is not fixed, else the last' })
  readonly sample_id!: string;

  @Id({ description: 'The execution of that one' })
  readonly sample_execution_id!: string;
}

/** Failures by what went wrong. */
export class FailureGroups {
  @ApiProperty({
    type: () => [FailureGroup],
    description: 'Those with most that is not fixed first, then the largest, then the latest',
  })
  readonly groups!: FailureGroup[];

  @Count('Groups found, those beyond `limit` included')
  readonly total_groups!: number;

  @Count('Failed records looked at')
  readonly failures!: number;

  @Count(`Failed records of no group, because there were ${MAX_GROUPS} already`)
  readonly ungrouped!: number;

  @Flag('Whether failures were left out: looking took too long, and these are the latest ones')
  readonly truncated!: boolean;
}
