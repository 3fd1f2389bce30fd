import type { RecordStatus } from '@factflow/domain';
import { Count } from './response-fields';

/** Registered records by status. */
export class StatusCounts implements Record<RecordStatus, number> {
  @Count()
  readonly pending!: number;

  @Count()
  readonly completed!: number;

  @Count()
  readonly failed!: number;

  @Count()
  readonly cancelled!: number;
}
