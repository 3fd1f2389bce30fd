import { isId } from '@factflow/domain';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database, type Reader } from '../database/database';
import { QueryError } from '../database/query-error';
import { Cursors } from '../http/cursor';
import { CursorField, LimitField, MAX_LIMIT, NumberField, WordField } from '../http/query-fields';
import { MAX_DEPTH, readRecords, type Chain, type ChainRecord } from './chain';
import { executionOf, OneRecordRequest } from './get-record';
import type { LineageRecord } from './lineage-record';
import { isSmallTrace } from './read-small-trace';
import { readTrace, TRACE_LIMIT } from './read-trace';
import type { Direction, Place } from './trace';

const DIRECTIONS = ['both', 'ancestors', 'descendants'] as const;

export class ChainRequest extends OneRecordRequest {
  @WordField(DIRECTIONS, 'Which way to go; the other list is empty', 'both')
  readonly direction: (typeof DIRECTIONS)[number] = 'both';

  @NumberField('How many steps to go at most; default: all the way', MAX_DEPTH)
  readonly depth: number = MAX_DEPTH;

  @LimitField(MAX_LIMIT)
  readonly limit?: number;

  @CursorField()
  readonly cursor?: string;
}

/** A record with its ancestors and descendants, a page of them. */
export class GetChain extends Query<Chain> {
  constructor(
    readonly id: string,
    readonly request: ChainRequest,
    /** ends the search when nobody waits for the answer */
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

/** Where the last record of a page stands; ancestors come before descendants. */
type Key = readonly [direction: Direction, depth: number, rank: number, id: string];

function readKey(value: unknown): Key | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [direction, depth, rank, id] = value as unknown[];
  if (direction !== 'ancestors' && direction !== 'descendants') return undefined;
  if (!Number.isSafeInteger(depth) || !Number.isSafeInteger(rank)) return undefined;
  return typeof id === 'string' && isId(id) ? [direction, depth as number, rank as number, id] : undefined;
}

/** A stretch of a chain in one direction. */
interface Stretch {
  readonly direction: Direction;
  readonly places: readonly Place[];
}

@QueryHandler(GetChain)
export class GetChainHandler implements IQueryHandler<GetChain> {
  constructor(
    private readonly database: Database,
    @Inject(TRACE_LIMIT) private readonly maxIds: number,
  ) {}

  /** All statements see one moment: nothing moves between a trace and the rows it leads to. */
  async execute(query: GetChain): Promise<Chain> {
    const answer = (reader: Reader): Promise<Chain> => this.answer(reader, query);
    // Small ones do not stand in line behind those that take long.
    return this.database.isFullOfLongWork && (await this.isSmall(query))
      ? this.database.snapshot(answer, query.signal)
      : this.database.longSnapshot(answer, query.signal);
  }

  private async isSmall({ id, request, signal }: GetChain): Promise<boolean> {
    const reader = this.database.reader(signal);
    const executionId = await executionOf(reader, id, request.execution_id);
    for (const way of waysFrom(request.direction))
      if (!(await isSmallTrace(reader, executionId, id, way, this.maxIds))) return false;
    return true;
  }

  private async answer(reader: Reader, { id, request }: GetChain): Promise<Chain> {
    const { direction, depth: maxDepth, limit = MAX_LIMIT } = request;
    const executionId = await executionOf(reader, id, request.execution_id);
    const cursors = new Cursors(['chain', executionId, id, direction, maxDepth], readKey);
    const key = cursors.open(request.cursor);
    const page: Stretch[] = [];
    let room = limit;
    let more = false;
    let truncated = false;
    for (const way of waysFrom(direction, key)) {
      const trace = await readTrace(reader, executionId, id, way, { maxDepth, maxIds: this.maxIds });
      const start = key?.[0] === way ? trace.indexBehind(placeOf(key)) : 0;
      const places = trace.slice(start, room);
      page.push({ direction: way, places });
      room -= places.length;
      more ||= start + places.length < trace.length;
      truncated ||= trace.truncated;
    }
    return {
      ...(await readPage(reader, executionId, id, page)),
      truncated,
      next_cursor: more ? cursors.after(lastOf(page)) : null,
    };
  }
}

/** The directions a page may hold, in order: behind a descendant there are no ancestors. */
export function waysFrom(direction: ChainRequest['direction'], key?: Key): readonly Direction[] {
  if (direction !== 'both') return [direction];
  return key?.[0] === 'descendants' ? ['descendants'] : ['ancestors', 'descendants'];
}

const placeOf = ([, depth, rank, id]: Key): Place => ({ depth, rank, id });

/** @param page holds a record at least: a limit is never 0 */
function lastOf(page: readonly Stretch[]): Key {
  const stretch = page.findLast(({ places }) => places.length > 0);
  const last = stretch?.places.at(-1);
  if (!stretch || !last) throw new Error('a page that is continued holds no record');
  return [stretch.direction, last.depth, last.rank, last.id];
}

/** The rows of a page, all with one statement. */
async function readPage(
  reader: Reader,
  executionId: string,
  id: string,
  page: readonly Stretch[],
): Promise<Pick<Chain, 'record' | 'completion' | 'ancestors' | 'descendants'>> {
  const ids = page.flatMap(({ places }) => places.map((place) => place.id));
  const records = await readRecords(reader, executionId, [id, ...ids]);
  const record = records.get(id);
  if (!record)
    throw new QueryError('record_not_found', `There is no record ${id} in execution ${executionId}.`);
  const shown = (way: Direction): ChainRecord[] =>
    page
      .filter(({ direction }) => direction === way)
      .flatMap(({ places }) => places)
      .flatMap(({ id: at, depth }) => withDepth(records.get(at), depth));
  return {
    record,
    completion: record.completion,
    ancestors: shown('ancestors'),
    descendants: shown('descendants'),
  };
}

const withDepth = (record: LineageRecord | undefined, depth: number): ChainRecord[] =>
  record ? [{ depth, ...record }] : [];
