import type { Statement } from '@factflow/store';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database, type Reader } from '../database/database';
import { QueryError } from '../database/query-error';
import { recordsOf, type ChainLine, type ChainTruncation } from './chain';
import { waysFrom, type ChainRequest } from './get-chain';
import { executionOf } from './get-record';
import { readSmallTrace } from './read-small-trace';
import { readTrace, TRACE_LIMIT } from './read-trace';
import { JSON_COLUMNS, recordFields } from './record-json';
import type { Direction, Place, Trace } from './trace';

/** Rows that are in memory at once. */
const BLOCK = 1000;

/** Blocks of whole lines, made as they are asked for. */
export type Lines = AsyncGenerator<string, void, undefined>;

/**
 * A whole chain as lines of JSON: the record, its ancestors, its descendants, each direction in the order of its pages.
 * Ids are found before the first line, and the records of a small chain with them; those of others are read while the
 * lines are taken, each as it is then.
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

interface Block {
  readonly places: readonly Place[];
  /** the fields of each record; of one that is gone there are none */
  readonly records: readonly (string | undefined)[];
}

interface Way {
  readonly direction: Direction;
  readonly trace: Trace;
  /** fields by id, where they came with the trace */
  readonly records?: ReadonlyMap<string, string>;
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
      const found =
        (await readSmallTrace(reader, executionId, id, direction, bounds)) ??
        ({ trace: await readTrace(reader, executionId, id, direction, bounds) } as const);
      ways.push({ direction, ...found });
    }
    const [record] = await readRecords(reader, executionId, [id]);
    if (!record)
      throw new QueryError('record_not_found', `There is no record ${id} in execution ${executionId}.`);
    const self = lineOf('self', 0, record);
    return this.lines(reader, executionId, self, ways);
  }

  // No connection is held between blocks: a reader may take as long as it likes.
  private async *lines(reader: Reader, executionId: string, self: string, ways: readonly Way[]): Lines {
    yield self;
    for (const way of ways) {
      const { direction, trace } = way;
      let next = block(reader, executionId, way, 0);
      for (let start = 0; start < trace.length; start += BLOCK) {
        const { places, records } = await next;
        // The database works on the next block while this one is written.
        next = block(reader, executionId, way, start + BLOCK);
        let lines = '';
        places.forEach(({ depth }, n) => (lines += lineOf(direction, depth, records[n])));
        yield lines;
      }
      await next;
    }
    const truncation: ChainTruncation = { truncated: true };
    if (ways.some(({ trace }) => trace.truncated)) yield `${JSON.stringify(truncation)}\n`;
  }
}

function block(reader: Reader, executionId: string, way: Way, start: number): Promise<Block> {
  const places = way.trace.slice(start, BLOCK);
  const known = way.records;
  if (known) return Promise.resolve({ places, records: places.map(({ id }) => known.get(id)) });
  if (places.length === 0) return Promise.resolve({ places, records: [] });
  const ids = places.map(({ id }) => id);
  const read = readRecords(reader, executionId, ids).then((records) => ({ places, records }));
  // Nobody waits for it any more when the reader goes away in the meantime.
  read.catch(() => undefined);
  return read;
}

async function readRecords(
  reader: Reader,
  executionId: string,
  ids: readonly string[],
): Promise<Block['records']> {
  const records: (string | undefined)[] = ids.map(() => undefined);
  for (const row of await reader.texts(RECORDS, [executionId, ids])) {
    // Places count from 1.
    const index = Number(row.at(-1)) - 1;
    records[index] = recordFields(ids[index] ?? '', executionId, row);
  }
  return records;
}

/** A {@link ChainLine}. */
const lineOf = (direction: ChainLine['direction'], depth: number, fields: string | undefined): string =>
  fields === undefined ? '' : `{"direction":"${direction}","depth":${depth}${fields}}\n`;
