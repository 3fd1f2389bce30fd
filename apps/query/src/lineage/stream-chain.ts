import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database, type Reader } from '../database/database';
import { QueryError } from '../database/query-error';
import type { Statement, TextRow } from '../database/statement';
import { recordsOf, type ChainLine, type ChainTruncation } from './chain';
import { waysFrom, type ChainRequest } from './get-chain';
import { executionOf } from './get-record';
import { readTrace, TRACE_LIMIT } from './read-trace';
import { JSON_COLUMNS, recordFields } from './record-json';
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
    /** ends the search when nobody waits for the answer */
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

/** Records as text, in the order of the ids they were asked for by; a record that is gone has none. */
type TextRows = readonly (TextRow | undefined)[];

interface Block {
  readonly places: readonly Place[];
  readonly rows: TextRows;
}

interface Way {
  readonly direction: Direction;
  readonly trace: Trace;
}

const RECORDS: Statement = recordsOf('records as text', `${JSON_COLUMNS}, page.place`);

@QueryHandler(StreamChain)
export class StreamChainHandler implements IQueryHandler<StreamChain> {
  constructor(
    private readonly database: Database,
    @Inject(TRACE_LIMIT) private readonly maxIds: number,
  ) {}

  async execute({ id, request, signal }: StreamChain): Promise<Lines> {
    const reader = this.database.reader(signal);
    const executionId = await executionOf(reader, id, request.execution_id);
    const bounds = { maxDepth: request.depth, maxIds: this.maxIds };
    const ways: Way[] = [];
    for (const direction of waysFrom(request.direction)) {
      ways.push({ direction, trace: await readTrace(reader, executionId, id, direction, bounds) });
    }
    const [record] = await readRows(reader, executionId, [id]);
    if (!record)
      throw new QueryError('record_not_found', `There is no record ${id} in execution ${executionId}.`);
    const self = lineOf('self', 0, id, executionId, record);
    return this.lines(reader, executionId, self, ways);
  }

  // No connection is held between blocks: a reader may take as long as it likes.
  private async *lines(reader: Reader, executionId: string, self: string, ways: readonly Way[]): Lines {
    yield self;
    for (const { direction, trace } of ways) {
      let next = block(reader, executionId, trace, 0);
      for (let start = 0; start < trace.length; start += BLOCK) {
        const { places, rows } = await next;
        // The database works on the next block while this one is written.
        next = block(reader, executionId, trace, start + BLOCK);
        let lines = '';
        places.forEach(({ id, depth }, n) => {
          lines += lineOf(direction, depth, id, executionId, rows[n]);
        });
        yield lines;
      }
      await next;
    }
    const truncation: ChainTruncation = { truncated: true };
    if (ways.some(({ trace }) => trace.truncated)) yield `${JSON.stringify(truncation)}\n`;
  }
}

function block(reader: Reader, executionId: string, trace: Trace, start: number): Promise<Block> {
  const places = trace.slice(start, BLOCK);
  if (places.length === 0) return Promise.resolve({ places, rows: [] });
  const ids = places.map(({ id }) => id);
  const read = readRows(reader, executionId, ids).then((rows) => ({ places, rows }));
  // Nobody waits for it any more when the reader goes away in the meantime.
  read.catch(() => undefined);
  return read;
}

async function readRows(reader: Reader, executionId: string, ids: readonly string[]): Promise<TextRows> {
  const rows: (TextRow | undefined)[] = ids.map(() => undefined);
  // Places count from 1.
  for (const row of await reader.texts(RECORDS, [executionId, ids])) rows[Number(row.at(-1)) - 1] = row;
  return rows;
}

/** A {@link ChainLine}. A record that is gone since the ids were found has none. */
function lineOf(
  direction: ChainLine['direction'],
  depth: number,
  id: string,
  executionId: string,
  row: TextRow | undefined,
): string {
  return row ? `{"direction":"${direction}","depth":${depth}${recordFields(id, executionId, row)}}\n` : '';
}
