import { formatTime } from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import type { LeasedJob } from './hand-out';

class JobInputDto {
  @ApiProperty({ example: 'sha256:…' })
  key!: string;

  @ApiProperty()
  content_type!: string;
}

export class JobDto {
  @ApiProperty({ description: 'names the job and the lease of it' })
  job!: string;

  @ApiProperty({ format: 'uuid' })
  execution_id!: string;

  @ApiProperty({ format: 'uuid', description: 'of this attempt; it is registered already' })
  record_id!: string;

  @ApiProperty({ format: 'uuid', description: 'the record of the other execution this one replays' })
  replay_of_record!: string;

  @ApiProperty()
  route_id!: string;

  @ApiProperty()
  adapter_name!: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  attempt!: number;

  @ApiProperty({ type: String, nullable: true })
  input_hash!: string | null;

  @ApiProperty({ type: [JobInputDto] })
  inputs!: JobInputDto[];

  @ApiProperty({ description: 'the message is a list, each input an item of it' })
  joined!: boolean;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'what goes on with the record: as the headers of a message',
  })
  headers!: Record<string, string>;

  @ApiProperty({ type: String, format: 'date-time' })
  lease_expires_at!: string;
}

export class LeaseDto {
  @ApiProperty({ type: [JobDto] })
  jobs!: JobDto[];
}

export class ExtendedDto {
  @ApiProperty({ type: String, format: 'date-time' })
  lease_expires_at!: string;
}

export class SettledDto {
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['completed', 'failed', 'cancelled', 'dead', null],
    description: 'how the message ended; null: it has not, another attempt follows',
  })
  outcome!: string | null;
}

export const jobDtoOf = ({ job, item, recordId, headers }: LeasedJob): JobDto => ({
  job,
  execution_id: item.execution_id,
  record_id: recordId,
  replay_of_record: item.original_id,
  route_id: item.route_id,
  adapter_name: item.adapter_name,
  attempt: item.attempt,
  input_hash: item.input_hash,
  inputs: item.inputs.map(({ key, content_type }) => ({ key: key ?? '', content_type })),
  joined: item.joined,
  headers,
  lease_expires_at: formatTime(item.lease_expires_at?.getTime() ?? 0),
});
