import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../../database/database';
import type { Compared } from './compare';
import type { ComparedRow } from './comparison';
import { Comparer, isWanted, type DiffRequest } from './get-diff';
import { readRows } from './read-rows';
import { summaryOf } from './summary';

/** Rows that are in memory at once. */
const BLOCK = 1000;

export type Lines = AsyncGenerator<string, void, undefined>;

/** Two executions compared, as lines of JSON: the summary, then every row of the classes asked for. */
export class StreamDiff extends Query<Lines> {
  constructor(
    readonly a: string,
    readonly b: string,
    readonly request: Pick<DiffRequest, 'class'>,
    /** ends the comparison when nobody waits for it */
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

@QueryHandler(StreamDiff)
export class StreamDiffHandler implements IQueryHandler<StreamDiff> {
  constructor(
    private readonly database: Database,
    @Inject(Comparer) private readonly comparer: Comparer,
  ) {}

  async execute({ a, b, request, signal }: StreamDiff): Promise<Lines> {
    return this.lines(await this.comparer.compare(a, b, signal), request, signal);
  }

  // No connection is held between blocks: a reader may take as long as it likes.
  private async *lines(compared: Compared, request: StreamDiff['request'], signal?: AbortSignal): Lines {
    yield `${JSON.stringify(summaryOf(compared))}\n`;
    const reader = this.database.blockReader(signal);
    const { comparison } = compared;
    let block: ComparedRow[] = [];
    for (let n = 0; n < comparison.length; n += 1) {
      const row = comparison.row(n);
      if (isWanted(row, request)) block.push(row);
      if (block.length < BLOCK && n + 1 < comparison.length) continue;
      const rows = await readRows(reader, compared, block);
      block = [];
      if (rows.length > 0) yield rows.map((each) => `${JSON.stringify(each)}\n`).join('');
    }
  }
}
