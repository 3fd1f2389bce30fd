import { toLine, type LineageEvent } from '@factflow/domain';
import { Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { AppendEvents } from '../ingest/append-events';
import type { ReplayFact } from './replay';
import { recorderId, replayEventId, type ReplayRecorder } from './replay-ids';
import { holds } from './replay-locks';
import { ReplaySource, type Transaction } from './replay-source';

const SHIP_EVENTS = 1000;

// All served by primary keys.
const TAKE_SEQUENCES_SQL = `
  UPDATE lineage_replay SET next_sequence = next_sequence + $2 WHERE execution_id = $1
  RETURNING next_sequence - $2 AS first`;
const KEEP_SQL = `
  INSERT INTO lineage_replay_event (execution_id, sequence, event)
  SELECT $1, sequence, event FROM json_to_recordset($2::json) AS e(sequence bigint, event json)`;
const WAITING_SQL = `
  SELECT sequence, event FROM lineage_replay_event WHERE execution_id = $1 ORDER BY sequence LIMIT ${SHIP_EVENTS}`;
const SHIPPED_SQL =
  'DELETE FROM lineage_replay_event WHERE execution_id = $1 AND sequence = ANY($2::bigint[])';

/** An event that a recorder of a replay tells, with the id that its place in the sequence gives it. */
export const replayEvent = (
  executionId: string,
  recorder: ReplayRecorder,
  sequence: number,
  occurredAt: number,
  fact: ReplayFact,
): LineageEvent =>
  ({
    ...fact,
    executionId,
    eventId: replayEventId(executionId, recorder, sequence),
    occurredAt,
    source: { recorderId: recorderId(executionId, recorder), sequence },
  }) as LineageEvent;

/** Decides on events: they are appended once, and only if the transaction commits. */
export async function decideEvents(
  transaction: Transaction,
  executionId: string,
  facts: readonly ReplayFact[],
): Promise<void> {
  if (facts.length === 0) return;
  const [row] = await transaction.rows<{ first: string }>(TAKE_SEQUENCES_SQL, [executionId, facts.length]);
  if (!row) return;
  const now = Date.now();
  const events = facts.map((fact, index) => {
    const sequence = Number(row.first) + index;
    // As text, so that it stays as it is.
    return `{"sequence":${sequence},"event":${toLine(replayEvent(executionId, 'keeper', sequence, now, fact))}}`;
  });
  await transaction.rows(KEEP_SQL, [executionId, `[${events.join(',')}]`]);
}

/** Brings events of replays into the log, the way all others go. */
@Injectable()
export class ReplayEvents {
  private readonly logger = new Logger(ReplayEvents.name);

  constructor(
    private readonly source: ReplaySource,
    private readonly commands: CommandBus,
  ) {}

  /** Appends events; done again it changes nothing. @throws when the database is away */
  async append(lines: readonly string[]): Promise<void> {
    const body = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    const { rejected } = await this.commands.execute(new AppendEvents(body, 'ndjson'));
    const [first] = rejected;
    if (first) this.logger.warn(`${rejected.length} events of a replay were rejected: ${first.message}`);
  }

  /** Appends what was decided on in a replay, in the order of the decisions. @returns how many events */
  async ship(executionId: string): Promise<number> {
    for (let shipped = 0; ;) {
      const count = await this.source.transaction((transaction) => this.shipSome(transaction, executionId));
      shipped += count;
      if (count < SHIP_EVENTS) return shipped;
    }
  }

  private async shipSome(transaction: Transaction, executionId: string): Promise<number> {
    if (!(await holds(transaction, `events of ${executionId}`))) return 0;
    const rows = await transaction.rows<{ sequence: string; event: object }>(WAITING_SQL, [executionId]);
    if (rows.length === 0) return 0;
    await this.append(rows.map(({ event }) => JSON.stringify(event)));
    await transaction.rows(SHIPPED_SQL, [executionId, rows.map(({ sequence }) => sequence)]);
    return rows.length;
  }
}
