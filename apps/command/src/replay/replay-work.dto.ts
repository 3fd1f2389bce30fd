import { LIMITS, type ErrorInfo } from '@factflow/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { BoundedText } from './replay.dto';

const MAX_ADAPTERS = 100;
const MAX_JOBS = 100;
const MIN_LEASE_MS = 1000;
const MAX_LEASE_MS = 3600 * 1000;
export const DEFAULT_LEASE_MS = 60_000;
const MAX_WAIT_MS = 30_000;

const Whole = (min: number, max: number): PropertyDecorator => {
  const whole = { message: `must be a whole number from ${min} to ${max}` };
  return applyDecorators(IsInt(whole), Min(min, whole), Max(max, whole));
};

export class ReplayedAdapterDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: LIMITS.nameCharacters })
  @BoundedText(LIMITS.nameCharacters)
  readonly adapter_name!: string;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'any route where nothing is said' })
  @IsOptional()
  @BoundedText(LIMITS.nameCharacters)
  readonly route_id?: string | null;
}

/** In this order: what is wrong first is what is told. */
const Adapters = (): PropertyDecorator => {
  const objects = { each: true, message: 'must be objects with adapter_name' };
  return applyDecorators(
    IsArray({ message: 'must be a list of adapters' }),
    ArrayMinSize(1, { message: 'must name an adapter' }),
    ArrayMaxSize(MAX_ADAPTERS, { message: `must not name more than ${MAX_ADAPTERS} adapters` }),
    IsObject(objects),
    ValidateNested(objects),
  );
};

const LeaseMs = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      minimum: MIN_LEASE_MS,
      maximum: MAX_LEASE_MS,
      default: DEFAULT_LEASE_MS,
      description: 'how long the job is kept from others without a word',
    }),
    IsOptional(),
    Whole(MIN_LEASE_MS, MAX_LEASE_MS),
  );

export class LeaseRequestDto {
  @ApiProperty({ type: [ReplayedAdapterDto], minItems: 1, maxItems: MAX_ADAPTERS })
  @Adapters()
  @Type(() => ReplayedAdapterDto)
  readonly adapters!: readonly ReplayedAdapterDto[];

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_JOBS, default: 1 })
  @IsOptional()
  @Whole(1, MAX_JOBS)
  readonly max?: number | null;

  @LeaseMs()
  readonly lease_ms?: number | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_WAIT_MS,
    default: 0,
    description: 'how long to wait for work where there is none',
  })
  @IsOptional()
  @Whole(0, MAX_WAIT_MS)
  readonly wait_ms?: number | null;
}

export class ExtendRequestDto {
  @LeaseMs()
  readonly lease_ms?: number | null;
}

export class CompleteRequestDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'for a service that does not end the record itself',
  })
  @IsOptional()
  @BoundedText(LIMITS.hashCharacters)
  readonly output_hash?: string | null;
}

/** Characters at most: in UTF-8 they stay below the limit of events. */
const MESSAGE_CHARACTERS = LIMITS.errorMessageBytes / 4;
const TRACEBACK_CHARACTERS = LIMITS.tracebackBytes / 8;

export class JobErrorDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: LIMITS.nameCharacters })
  @BoundedText(LIMITS.nameCharacters)
  readonly class!: string;

  @ApiProperty({ type: String, maxLength: MESSAGE_CHARACTERS })
  // The last is looked at first.
  @MaxLength(MESSAGE_CHARACTERS, { message: `must have at most ${MESSAGE_CHARACTERS} characters` })
  @IsString({ message: 'must be text' })
  readonly message!: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: TRACEBACK_CHARACTERS })
  @IsOptional()
  @BoundedText(TRACEBACK_CHARACTERS)
  readonly traceback?: string | null;
}

export class FailRequestDto {
  @ApiProperty({ type: JobErrorDto })
  @IsObject({ message: 'must be an object with class and message' })
  @ValidateNested({ message: 'must be an object with class and message' })
  @Type(() => JobErrorDto)
  readonly error!: JobErrorDto;

  @ApiPropertyOptional({
    type: Boolean,
    nullable: true,
    default: true,
    description:
      'whether another attempt may go better: false ends the message as failed; true hands it out again after a pause, ' +
      'until it has been tried often enough',
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  readonly retry?: boolean | null;
}

export const errorOf = ({ class: name, message, traceback }: JobErrorDto): ErrorInfo => ({
  class: name,
  message,
  ...(typeof traceback === 'string' && { traceback }),
});
