import type {
  Chain,
  ChainQuery,
  ChainLine,
  ChainRecord,
  ChainTruncation,
  LineageRecord,
} from '@factflow/client';
import { unanswered } from '../api';
import { linesOf } from '../ndjson';
import { queryApp } from '../peer';
import type { Session } from '../session';

/** A chain as far as it was asked for. */
export interface ReadChain {
  readonly record: LineageRecord;
  readonly ancestors: readonly ChainRecord[];
  readonly descendants: readonly ChainRecord[];
  readonly completion: LineageRecord['completion'];
  /** Whether the server itself left records out. */
  readonly truncated: boolean;
  /** Not null: `--limit` left records out. */
  readonly next_cursor: string | null;
}

const PAGE_LIMIT = 1000;

/** Follows the pages of a chain up to `limit` records beside the record itself. */
export async function readPagedChain(session: Session, id: string, limit: number): Promise<ReadChain> {
  const ancestors: ChainRecord[] = [];
  const descendants: ChainRecord[] = [];
  let cursor: string | null = null;
  for (;;) {
    const left = limit - ancestors.length - descendants.length;
    const query: ChainQuery = {
      ...queryOf(session),
      limit: Math.min(left, PAGE_LIMIT),
      ...(cursor !== null && { cursor }),
    };
    const page: Chain = await session.api.ask<Chain>((client) =>
      client.GET('/api/v1/lineage/{id}/chain', { params: { path: { id }, query } }),
    );
    for (const record of page.ancestors) ancestors.push(record);
    for (const record of page.descendants) descendants.push(record);
    cursor = page.next_cursor;
    if (cursor === null || ancestors.length + descendants.length >= limit) {
      return { ...page, ancestors, descendants };
    }
  }
}

/** A whole chain, line by line as the server streams it. */
export async function* streamChain(
  session: Session,
  id: string,
): AsyncGenerator<ChainLine | ChainTruncation> {
  const body = await session.api.ask<AsyncIterable<Uint8Array>>((client) =>
    client.GET('/api/v1/lineage/{id}/chain', {
      params: { path: { id }, query: queryOf(session) },
      headers: { accept: 'application/x-ndjson' },
      parseAs: 'stream',
    }),
  );
  try {
    for await (const line of linesOf(body)) yield JSON.parse(line) as ChainLine | ChainTruncation;
  } catch (cause) {
    throw unanswered(cause, queryApp(session.settings));
  }
}

/** Collects a streamed chain. */
export async function readWholeChain(session: Session, id: string): Promise<ReadChain> {
  const ancestors: ChainRecord[] = [];
  const descendants: ChainRecord[] = [];
  let record: LineageRecord | undefined;
  let truncated = false;
  for await (const line of streamChain(session, id)) {
    if ('truncated' in line) truncated = true;
    else {
      const { direction, ...found } = line;
      if (direction === 'ancestors') ancestors.push(found);
      else if (direction === 'descendants') descendants.push(found);
      else {
        record = withoutDepth(found);
      }
    }
  }
  if (!record) throw unanswered(new SyntaxError('no record'), queryApp(session.settings));
  return { record, ancestors, descendants, completion: record.completion, truncated, next_cursor: null };
}

const withoutDepth = (found: ChainRecord): LineageRecord =>
  Object.fromEntries(Object.entries(found).filter(([name]) => name !== 'depth')) as never;

const queryOf = ({ options }: Session) => ({
  execution_id: options.execution,
  direction: options.direction as 'both' | undefined,
  depth: options.depth,
});
