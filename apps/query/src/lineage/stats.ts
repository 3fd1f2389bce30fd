import type { CountedCompletion } from '@factflow/domain';
import { ApiProperty } from '@nestjs/swagger';
import { Count, Id, NextCursor, Text } from '../http/response-fields';
import { StatusCounts } from '../http/status-counts';

export class CompletionCounts implements Record<CountedCompletion, number> {
  @Count()
  readonly pending!: number;

  @Count()
  readonly awaiting_children!: number;

  @Count()
  readonly done!: number;

  @Count()
  readonly failed!: number;

  @Count()
  readonly cancelled!: number;
}

const Milliseconds = (): PropertyDecorator => ApiProperty({ type: Number, minimum: 0 });

/** Durations of ended records, in milliseconds; all but count, sum and mean within 1 %. */
export class Durations {
  @Count()
  readonly count!: number;

  @Milliseconds()
  readonly sum!: number;

  @Milliseconds()
  readonly mean!: number;

  @Milliseconds()
  readonly min!: number;

  @Milliseconds()
  readonly max!: number;

  @Milliseconds()
  readonly p50!: number;

  @Milliseconds()
  readonly p90!: number;

  @Milliseconds()
  readonly p99!: number;
}

/** Counts of registered records. */
export class Totals {
  @Count()
  readonly records!: number;

  @ApiProperty({ type: () => StatusCounts })
  readonly by_status!: StatusCounts;

  @ApiProperty({ type: () => CompletionCounts })
  readonly by_completion!: CompletionCounts;

  @Count('Pending ones whose recorder is gone: nothing may ever end them')
  readonly stalled!: number;

  @ApiProperty({ type: () => Durations, nullable: true, description: 'null: no record has ended' })
  readonly duration_ms!: Durations | null;
}

export class AdapterTotals extends Totals {
  @Text()
  readonly route_id!: string;

  @Text()
  readonly adapter_name!: string;
}

/** What became of the records of an execution. */
export class Stats {
  @Id()
  readonly execution_id!: string;

  @ApiProperty({ type: () => Totals, description: 'All of the execution, on whatever page' })
  readonly totals!: Totals;

  @ApiProperty({
    type: () => [AdapterTotals],
    description: 'By route and adapter, in the order of their names',
  })
  readonly adapters!: AdapterTotals[];

  @NextCursor()
  readonly next_cursor!: string | null;
}
