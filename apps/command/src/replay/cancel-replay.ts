import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { REPLAY_COLUMNS, type ReplayRow } from './replay';
import { ReplayError } from './replay-error';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource } from './replay-source';

/** Cancels a replay: what has not been done yet is not done. */
export class CancelReplay extends Command<ReplayRow> {
  constructor(readonly executionId: string) {
    super();
  }
}

// All served by primary keys.
const CANCEL_SQL = `
  UPDATE lineage_replay SET state = CASE state WHEN 'starting' THEN 'stopping' ELSE 'cancelling' END
  WHERE execution_id = $1 AND state IN ('starting', 'running')`;
const REPLAY_SQL = `SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE execution_id = $1`;

@CommandHandler(CancelReplay)
export class CancelReplayHandler implements ICommandHandler<CancelReplay> {
  constructor(
    private readonly source: ReplaySource,
    private readonly rounds: ReplayRounds,
  ) {}

  /** Done again, it changes nothing. @throws ReplayError when there is no such replay, or it has completed */
  async execute({ executionId }: CancelReplay): Promise<ReplayRow> {
    await this.source.rows(CANCEL_SQL, [executionId]);
    const [row] = await this.source.rows<ReplayRow>(REPLAY_SQL, [executionId]);
    if (!row)
      throw new ReplayError('replay_not_found', `Execution ${executionId} is no replay, or there is none.`);
    if (row.state === 'completed')
      throw new ReplayError('replay_over', `Replay ${executionId} has completed already.`);
    await this.rounds.begin(executionId);
    return (await this.source.rows<ReplayRow>(REPLAY_SQL, [executionId]))[0] ?? row;
  }
}
