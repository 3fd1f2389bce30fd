import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { hostname } from 'node:os';
import { RecordHeartbeat } from '../recorders/record-heartbeat';
import type { ReplayRow } from './replay';
import { recorderId } from './replay-ids';
import { ReplaySource } from './replay-source';

const DELETE_AT_ONCE = 10_000;
const SERVICE = 'factflow-command';

// All served by primary keys.
const UNSHIPPED_SQL = 'SELECT true FROM lineage_replay_event WHERE execution_id = $1 LIMIT 1';
const DELETE_ITEMS_SQL = `
  WITH gone AS (
    DELETE FROM lineage_replay_item WHERE execution_id = $1 AND n IN (
      SELECT n FROM lineage_replay_item WHERE execution_id = $1 ORDER BY n LIMIT ${DELETE_AT_ONCE})
    RETURNING n)
  SELECT count(*) AS gone FROM gone`;
const DELETE_QUEUES_SQL = 'DELETE FROM lineage_replay_queue WHERE execution_id = $1';
const CLOSE_SQL = 'UPDATE lineage_replay SET closed = true WHERE execution_id = $1';

/** What is left to do when a replay is over: nothing more is to come, and nothing of it is needed any more. */
@Injectable()
export class CloseReplay {
  constructor(
    private readonly source: ReplaySource,
    private readonly commands: CommandBus,
  ) {}

  async close(replay: ReplayRow): Promise<void> {
    const { execution_id: executionId } = replay;
    if ((await this.source.rows(UNSHIPPED_SQL, [executionId])).length > 0) return;
    await this.say(replay, 'starter', Number(replay.queued) + 1);
    await this.say(replay, 'keeper', Number(replay.next_sequence) - 1);
    for (let gone = DELETE_AT_ONCE; gone === DELETE_AT_ONCE;) {
      const [row] = await this.source.rows<{ gone: string }>(DELETE_ITEMS_SQL, [executionId]);
      gone = Number(row?.gone ?? 0);
    }
    await this.source.rows(DELETE_QUEUES_SQL, [executionId]);
    await this.source.rows(CLOSE_SQL, [executionId]);
  }

  /** With this the execution can be proved complete: its recorders have told all they ever will. */
  private async say(
    { execution_id: executionId, created_at: createdAt }: ReplayRow,
    recorder: 'starter' | 'keeper',
    highestSequence: number,
  ): Promise<void> {
    await this.commands.execute(
      new RecordHeartbeat(recorderId(executionId, recorder), {
        service: SERVICE,
        host: hostname(),
        pid: process.pid,
        startedAt: createdAt.getTime(),
        highestSequence,
        queued: 0,
        spooled: 0,
        lost: [],
        mainThreadAgeMs: null,
        closed: true,
      }),
    );
  }
}
