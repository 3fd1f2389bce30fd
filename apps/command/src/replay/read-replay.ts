import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { REPLAY_COLUMNS, type ReplayRow } from './replay';
import { ReplayError } from './replay-error';
import { ReplaySource } from './replay-source';

/** How far a replay is. */
export class ReadReplay extends Query<ReplayProgress> {
  constructor(readonly executionId: string) {
    super();
  }
}

export interface ReplayProgress {
  readonly row: ReplayRow;
  /** messages that services work on now */
  readonly leased: number;
}

// Served by the primary key, and lineage_replay_item_lease.
const REPLAY_SQL = `
  SELECT ${REPLAY_COLUMNS}, (SELECT count(*) FROM lineage_replay_item i
    WHERE i.execution_id = r.execution_id AND i.lease_expires_at > now()) AS leased
  FROM lineage_replay r WHERE execution_id = $1`;

@QueryHandler(ReadReplay)
export class ReadReplayHandler implements IQueryHandler<ReadReplay> {
  constructor(private readonly source: ReplaySource) {}

  /** @throws ReplayError when there is no such replay */
  async execute({ executionId }: ReadReplay): Promise<ReplayProgress> {
    const [row] = await this.source.rows<ReplayRow & { leased: string }>(REPLAY_SQL, [executionId]);
    if (row) return { row, leased: Number(row.leased) };
    throw new ReplayError('replay_not_found', `Execution ${executionId} is no replay, or there is none.`);
  }
}
