import { LIMITS, parseTime, sequencesOf, storableText, type Heartbeat } from '@factflow/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
} from 'class-validator';

const MAX_PID = 2 ** 31 - 1;
/** Ranges of one heartbeat: recorders join the rest. */
const MAX_LOST = 1000;

const Name = (min: number, max: number, description: string): PropertyDecorator => {
  const length = { message: `must have ${min} to ${max} characters` };
  return applyDecorators(
    ApiProperty({ type: String, minLength: min, maxLength: max, description }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? storableText(value) : value)),
    IsString({ message: 'must be text' }),
    MinLength(min, length),
    MaxLength(max, length),
  );
};

/** A whole number from 0. */
const Count = (description: string, max = Number.MAX_SAFE_INTEGER): PropertyDecorator => {
  const whole = { message: `must be a whole number from 0 to ${max}` };
  return applyDecorators(
    ApiProperty({ type: 'integer', minimum: 0, maximum: max, description }),
    IsInt(whole),
    Min(0, whole),
    Max(max, whole),
  );
};

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isRange = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  isSequence(value[0]) &&
  isSequence(value[1]) &&
  value[0] <= value[1];

const isCount = (value: unknown): value is number => Number.isSafeInteger(value);

/** Not above another field of the same heartbeat. Where that is no whole number it is what is at fault. */
const AtMost = (other: 'highest_sequence' | 'queued'): PropertyDecorator =>
  ValidateBy({
    name: `atMost ${other}`,
    validator: {
      validate: (value, args) => {
        const most = (args?.object as Partial<HeartbeatRequest> | undefined)?.[other];
        return !isCount(value) || !isCount(most) || value <= most;
      },
      defaultMessage: () => `must not be above ${other}`,
    },
  });

const areApart = (ranges: readonly (readonly [number, number])[]): boolean =>
  ranges.every(([from], n) => from > (ranges[n - 1]?.[1] ?? 0));

/** Why ranges are not what a recorder may have lost; undefined when they are. */
function lostProblem(value: unknown, highest: unknown): string | undefined {
  if (!Array.isArray(value) || value.length > MAX_LOST || !value.every(isRange))
    return `must be at most ${MAX_LOST} ranges [from, to] of sequences, from 1, ascending`;
  const ranges = value as readonly (readonly [number, number])[];
  if (!areApart(ranges)) return 'must be ranges in ascending order that do not overlap';
  if (isCount(highest) && (ranges.at(-1)?.[1] ?? 0) > highest) return 'must not be above highest_sequence';
  return undefined;
}

const highestOf = (heartbeat: unknown): unknown => (heartbeat as Partial<HeartbeatRequest>).highest_sequence;

/** What a recorder says of itself. */
export class HeartbeatRequest {
  @Name(1, LIMITS.nameCharacters, 'what the service calls itself')
  readonly service!: string;

  @Name(0, 255, 'the machine it runs on; empty where whoever speaks for it does not know')
  readonly host!: string;

  @Count('of its process; 0: it has died, and somebody else says what became of its events', MAX_PID)
  readonly pid!: number;

  @ApiProperty({ type: String, format: 'date-time', description: 'when its process started' })
  @ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value) => typeof value === 'string' && parseTime(value) !== undefined,
      defaultMessage: () => 'must be a time as in RFC 3339',
    },
  })
  readonly started_at!: string;

  @Count('sequence of the last event it has recorded; 0: none yet')
  readonly highest_sequence!: number;

  @Count('events that have not been taken yet, wherever they are; at most `highest_sequence`')
  @AtMost('highest_sequence')
  readonly queued!: number;

  @Count('those of them that are on its disk; at most `queued`')
  @AtMost('queued')
  readonly spooled!: number;

  @ApiProperty({
    type: 'array',
    maxItems: MAX_LOST,
    items: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'integer', minimum: 1 } },
    description:
      'sequences of events it has given up: ranges of the first and the last, ascending and apart, up to `highest_sequence`',
  })
  @ValidateBy({
    name: 'areRanges',
    validator: {
      validate: (value, args) => lostProblem(value, highestOf(args?.object)) === undefined,
      defaultMessage: (args) => lostProblem(args?.value, highestOf(args?.object)) ?? '',
    },
  })
  readonly lost!: readonly (readonly [number, number])[];

  @IsOptional()
  @Count('how long ago the main thread was last seen at work; null: it is not watched')
  @ApiProperty({ required: false, nullable: true })
  readonly main_thread_age_ms?: number | null;

  @IsOptional()
  @Count('payloads that wait to be stored, those taken over from dead processes among them; null: not known')
  @ApiProperty({ required: false, nullable: true })
  readonly payloads?: number | null;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'it has ended and records nothing more',
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  readonly closed?: boolean | null;
}

export const heartbeatOf = (request: HeartbeatRequest): Heartbeat => ({
  service: request.service,
  host: request.host,
  pid: request.pid,
  startedAt: parseTime(request.started_at) as number,
  highestSequence: request.highest_sequence,
  queued: request.queued,
  spooled: request.spooled,
  lost: sequencesOf(request.lost),
  mainThreadAgeMs: request.main_thread_age_ms ?? null,
  payloads: request.payloads ?? null,
  closed: request.closed ?? false,
});
