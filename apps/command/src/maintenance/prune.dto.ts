import { parseTime } from '@factflow/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, ValidateBy } from 'class-validator';

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Milliseconds since 1970 of a time as in RFC 3339, or of the UTC midnight a date begins with. */
export const timeOf = (text: string): number | undefined =>
  parseTime(DATE.test(text) ? `${text}T00:00:00Z` : text);

export class PruneRequestDto {
  @ApiProperty({
    type: String,
    example: '2026-01-31',
    description: 'Executions whose last event is earlier; a date alone is its midnight in UTC',
  })
  @ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value) => typeof value === 'string' && timeOf(value) !== undefined,
      defaultMessage: () => 'must be a date such as 2026-01-31, or a time as in RFC 3339',
    },
  })
  readonly before!: string;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Only count what would go' })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  readonly dry_run?: boolean | null;
}

class PruneCountsDto {
  @ApiProperty({ type: 'integer' })
  executions!: number;

  @ApiProperty({ type: 'integer', description: 'registered ones' })
  records!: number;

  @ApiProperty({ type: 'integer' })
  events!: number;

  @ApiProperty({ type: 'integer', description: 'ranges whose partitions are gone' })
  partitions_dropped!: number;
}

/** Every line but the last. */
export class PruneProgressDto extends PruneCountsDto {
  @ApiProperty({ enum: ['looking', 'removing', 'counting'] })
  phase!: string;

  @ApiProperty({ description: 'the partition at work' })
  partition!: string;

  @ApiProperty({ type: 'integer', description: 'executions found so far that go' })
  found!: number;

  @ApiProperty({
    description: 'the partition is too much in use to be dropped now; the next prune tries again',
  })
  postponed!: boolean;
}

class PruneKeptDto {
  @ApiProperty({ type: 'integer', description: 'not over' })
  running!: number;

  @ApiProperty({ type: 'integer' })
  pinned!: number;
}

/** The last line. */
export class PruneSummaryDto extends PruneCountsDto {
  @ApiProperty({ type: PruneKeptDto, description: 'Executions with no later event that stay' })
  kept!: PruneKeptDto;

  @ApiProperty()
  dry_run!: boolean;
}
