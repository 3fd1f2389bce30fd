import { formatTime, LIMITS, storableText } from '@factflow/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import type { ReplayRequest } from './replay';
import type { ReplayProgress } from './read-replay';
import type { Selection } from './select-originals';

const MAX_REASON = 1000;
const MAX_KEY = 200;

/** Text of a bounded length, as PostgreSQL can hold it. */
export const BoundedText = (max: number): PropertyDecorator => {
  const length = { message: `must have 1 to ${max} characters` };
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? storableText(value) : value)),
    IsString({ message: 'must be text' }),
    MinLength(1, length),
    MaxLength(max, length),
  );
};

const OptionalText = (max: number, description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: max, description }),
    IsOptional(),
    BoundedText(max),
  );

const OptionalBoolean = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: Boolean, nullable: true, default: false, description }),
    IsOptional(),
    IsBoolean({ message: 'must be true or false' }),
  );

export class ReplayRequestDto {
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: LIMITS.nameCharacters,
    description: 'the adapter whose input is put through it once more',
  })
  @BoundedText(LIMITS.nameCharacters)
  readonly from_stage!: string;

  @OptionalText(
    LIMITS.nameCharacters,
    'the route of the adapter; all routes that have it where nothing is said',
  )
  readonly route_id?: string | null;

  @OptionalBoolean('only messages whose record failed, and no attempt at them completed')
  readonly only_failed?: boolean | null;

  @OptionalBoolean('only say what would happen')
  readonly dry_run?: boolean | null;

  @OptionalText(MAX_REASON, 'why, for whoever asks later')
  readonly reason?: string | null;

  @OptionalText(MAX_KEY, 'asked for again under the same key, the replay there is is answered')
  readonly idempotency_key?: string | null;
}

export const requestOf = (dto: ReplayRequestDto): ReplayRequest => ({
  fromStage: dto.from_stage,
  routeId: dto.route_id ?? null,
  onlyFailed: dto.only_failed ?? false,
  reason: dto.reason ?? null,
});

class AskedDto {
  @ApiProperty({ format: 'uuid', description: 'the execution that is replayed' })
  replay_of!: string;

  @ApiProperty()
  from_stage!: string;

  @ApiProperty({ type: String, nullable: true })
  route_id!: string | null;

  @ApiProperty()
  only_failed!: boolean;

  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;
}

class ReplayedRouteDto {
  @ApiProperty()
  route_id!: string;

  @ApiProperty({ type: 'integer' })
  records!: number;
}

export class ReplayPlanDto extends AskedDto {
  @ApiProperty({ type: 'integer', description: 'messages' })
  records!: number;

  @ApiProperty({ type: [ReplayedRouteDto] })
  routes!: ReplayedRouteDto[];

  @ApiProperty({ type: 'integer', description: 'messages left out because nobody has ended their record' })
  pending!: number;

  @ApiProperty({ description: 'always true: nothing happened' })
  dry_run!: boolean;
}

export class ReplayDto extends AskedDto {
  @ApiProperty({ format: 'uuid', description: 'the execution that replays it' })
  execution_id!: string;

  @ApiProperty({ enum: ['starting', 'running', 'cancelling', 'completed', 'cancelled'] })
  state!: string;

  @ApiProperty({ type: 'integer', description: 'messages; the counts below add up to it' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'not handed out, or to be handed out again' })
  waiting!: number;

  @ApiProperty({ type: 'integer', description: 'worked on by services now' })
  leased!: number;

  @ApiProperty({ type: 'integer' })
  completed!: number;

  @ApiProperty({ type: 'integer', description: 'the adapter failed with them' })
  failed!: number;

  @ApiProperty({ type: 'integer', description: 'given up after so many attempts' })
  dead!: number;

  @ApiProperty({ type: 'integer' })
  cancelled!: number;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  ended_at!: string | null;
}

const askedOf = (replayOf: string, { fromStage, routeId, onlyFailed, reason }: ReplayRequest): AskedDto => ({
  replay_of: replayOf,
  from_stage: fromStage,
  route_id: routeId,
  only_failed: onlyFailed,
  reason,
});

export function replayDtoOf({ row, leased: held }: ReplayProgress): ReplayDto {
  const counts = {
    completed: Number(row.completed),
    failed: Number(row.failed),
    dead: Number(row.dead),
    cancelled: Number(row.cancelled),
  };
  const total = Number(row.total);
  const left = total - counts.completed - counts.failed - counts.dead - counts.cancelled;
  const leased = Math.min(held, left);
  return {
    execution_id: row.execution_id,
    ...askedOf(row.replay_of, row.request),
    state: row.state === 'stopping' ? 'cancelling' : row.state,
    total,
    waiting: left - leased,
    leased,
    ...counts,
    created_at: formatTime(row.created_at.getTime()),
    ended_at: row.ended_at && formatTime(row.ended_at.getTime()),
  };
}

export const planDtoOf = (replayOf: string, request: ReplayRequest, selection: Selection): ReplayPlanDto => ({
  ...askedOf(replayOf, request),
  records: selection.records,
  routes: selection.routes.map(({ routeId, records }) => ({ route_id: routeId, records })),
  pending: selection.pending,
  dry_run: true,
});
