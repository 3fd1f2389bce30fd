import { ApiProperty } from '@nestjs/swagger';

export class StoredPayloadDto {
  @ApiProperty({ type: String, pattern: '^sha256:[0-9a-f]{64}$' })
  key!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  bytes!: number;
}
