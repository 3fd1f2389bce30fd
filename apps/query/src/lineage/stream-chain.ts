import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { QueryError } from '../database/query-error';
import { readRecords, type ChainLine, type ChainTruncation } from './chain';
import { waysFrom, type ChainRequest } from './get-chain';
import { executionOf } from './get-record';
import type { LineageRecord } from './lineage-record';
import { readTrace, TRACE_LIMIT } from './read-trace';
import type { Direction, Place, Trace } from './trace';

/** Rows that are in memory at once. */
const BLOCK = 1000;

/** Blocks of whole lines, made as they are asked for. */
export type Lines = AsyncGenerator<string, void, undefined>;

/**
 * A whole chain as lines of JSON: the record, its ancestors, its descendants, each direction in the order of its pages.
 * Ids are found before the first line; rows are read while the lines are taken, each as it is then.
 */
export class StreamChain extends Query<Lines> {
  constructor(
    readonly id: string,
    readonly request: Pick<ChainRequest, 'execution_id' | 'direction' | 'depth'>,
  ) {
    super();
  }
}

interface Block {
  readonly places: readonly Place[];
  readonly records: ReadonlyMap<string, LineageRecord>;
}

interface Way {
  readonly direction: Direction;
  readonly trace: Trace;
}

@QueryHandler(StreamChain)
export class StreamChainHandler implements IQueryHandler<StreamChain> {
  constructor(
    private readonly database: Database,
    @Inject(TRACE_LIMIT) private readonly maxIds: number,
  ) {}

  async execute({ id, request }: StreamChain): Promise<Lines> {
    const { read } = this.database;
    const executionId = await executionOf(read, id, request.execution_id);
    const bounds = { maxDepth: request.depth, maxIds: this.maxIds };
    const ways: Way[] = [];
    for (const direction of waysFrom(request.direction)) {
      ways.push({ direction, trace: await readTrace(read, executionId, id, direction, bounds) });
    }
    const record = (await readRecords(read, executionId, [id])).get(id);
    if (!record)
      throw new QueryError('record_not_found', `There is no record ${id} in execution ${executionId}.`);
    return this.lines(executionId, record, ways);
  }

  // No connection is held between blocks: a reader may take as long as it likes.
  private async *lines(executionId: string, record: LineageRecord, ways: readonly Way[]): Lines {
    yield lineOf('self', 0, record);
    for (const { direction, trace } of ways) {
      let next = this.block(executionId, trace, 0);
      for (let start = 0; start < trace.length; start += BLOCK) {
        const { places, records } = await next;
        // The database works on the next block while this one is written.
        next = this.block(executionId, trace, start + BLOCK);
        yield places.map(({ id, depth }) => lineOf(direction, depth, records.get(id))).join('');
      }
      await next;
    }
    const truncation: ChainTruncation = { truncated: true };
    if (ways.some(({ trace }) => trace.truncated)) yield `${JSON.stringify(truncation)}\n`;
  }

  private block(executionId: string, trace: Trace, start: number): Promise<Block> {
    const places = trace.slice(start, BLOCK);
    if (places.length === 0) return Promise.resolve({ places, records: new Map() });
    const ids = places.map(({ id }) => id);
    const block = readRecords(this.database.read, executionId, ids).then((records) => ({ places, records }));
    // Nobody waits for it any more when the reader goes away in the meantime.
    block.catch(() => undefined);
    return block;
  }
}

/** A record that is gone since the ids were found has no line. */
function lineOf(direction: ChainLine['direction'], depth: number, record: LineageRecord | undefined): string {
  if (!record) return '';
  const line: ChainLine = { direction, depth, ...record };
  return `${JSON.stringify(line)}\n`;
}
