import { storableText } from '@factflow/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

const MAX_REASON = 1000;
const LENGTH = { message: `must have 1 to ${MAX_REASON} characters` };

export class PinRequest {
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: MAX_REASON })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? storableText(value) : value))
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MinLength(1, LENGTH)
  @MaxLength(MAX_REASON, LENGTH)
  readonly reason?: string | null;
}

export class PinDto {
  @ApiProperty({ format: 'uuid' })
  execution_id!: string;

  @ApiProperty({ description: 'whether pruning leaves the execution alone' })
  pinned!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'since when' })
  pinned_at!: string | null;

  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;
}
