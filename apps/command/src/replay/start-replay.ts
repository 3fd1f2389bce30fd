import type { PayloadStore } from '@factflow/payloads';
import { Inject } from '@nestjs/common';
import { newId } from '@factflow/domain';
import { ProblemError } from '@factflow/server';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ExecutionError } from '../executions/execution-error';
import { PAYLOAD_STORE } from '../payloads/payload-options';
import { checkInputs, MAX_NAMED } from './check-inputs';
import { REPLAY_COLUMNS, type ReplayRequest, type ReplayRow } from './replay';
import { ReplayError } from './replay-error';
import { queueOf } from './replay-queue';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource, type Transaction } from './replay-source';
import { selectOriginals, type Selection } from './select-originals';

/** Checks at work at once: each holds a connection, and reads all inputs. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 16;
const MAX_ROUTES = 100;

/** Replays messages of an execution from a stage on. */
export class StartReplay extends Command<StartedReplay> {
  constructor(
    readonly replayOf: string,
    readonly request: ReplayRequest,
    readonly idempotencyKey: string | null,
    /** only says what would happen */
    readonly dryRun: boolean,
  ) {
    super();
  }
}

export type StartedReplay =
  | { readonly kind: 'started'; readonly row: ReplayRow; readonly selection: Selection }
  /** asked for before, under the same key */
  | { readonly kind: 'repeated'; readonly row: ReplayRow }
  | { readonly kind: 'possible'; readonly selection: Selection };

// All served by primary keys, and lineage_replay_key.
const ORIGINAL_SQL = `
  SELECT (SELECT pruned_at FROM lineage_tombstone WHERE execution_id = $1) AS pruned_at,
    (SELECT json_build_array(name) FROM lineage_execution WHERE execution_id = $1) AS original`;
const REPEATED_SQL = `
  SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE replay_of = $1 AND idempotency_key = $2`;
const INSERT_SQL = `
  INSERT INTO lineage_replay (execution_id, replay_of, idempotency_key, request, name, created_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, 'starting') ON CONFLICT DO NOTHING RETURNING execution_id`;
const QUEUES_SQL = `
  INSERT INTO lineage_replay_queue (execution_id, queue, route_id, adapter_name)
  SELECT $1, queue, route_id, $3 FROM json_to_recordset($2::json) AS q(queue text, route_id text)`;
const SELECTED_SQL = `
  UPDATE lineage_replay SET total = $2 WHERE execution_id = $1 RETURNING ${REPLAY_COLUMNS}`;

/** Ends a transaction without leaving a trace, with something to say. */
class Undone extends Error {
  constructor(readonly selection: Selection) {
    super('a dry run');
  }
}

@CommandHandler(StartReplay)
export class StartReplayHandler implements ICommandHandler<StartReplay> {
  private checking = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly source: ReplaySource,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
    private readonly rounds: ReplayRounds,
  ) {}

  /** @throws ReplayError, ExecutionError; nothing is queued or appended then */
  async execute(command: StartReplay): Promise<StartedReplay> {
    const repeated = await this.repeated(command);
    if (repeated) return repeated;
    await this.turn();
    try {
      return (await this.start(command)) ?? (await this.repeated(command)) ?? (await this.execute(command));
    } finally {
      this.checking -= 1;
      this.waiting.shift()?.();
    }
  }

  /** Waits until one more check may be at work. */
  private async turn(): Promise<void> {
    if (this.checking >= CHECKS_AT_ONCE) {
      if (this.waiting.length >= CHECKS_WAITING) throw busy();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.checking += 1;
  }

  private async repeated({
    replayOf,
    request,
    idempotencyKey,
    dryRun,
  }: StartReplay): Promise<StartedReplay | undefined> {
    if (idempotencyKey === null || dryRun) return undefined;
    const [row] = await this.source.rows<ReplayRow>(REPEATED_SQL, [replayOf, idempotencyKey]);
    if (!row) return undefined;
    const differing = differencesOf(row.request, request);
    if (differing.length === 0) return { kind: 'repeated', row };
    throw new ReplayError(
      'idempotency_key_reused',
      `Replay ${row.execution_id} was asked for under this key, with another ${differing.join(', ')}.`,
      [{ field: 'idempotency_key', message: 'was used for another request' }],
    );
  }

  /** All that is wrong undoes it. @returns undefined when somebody else has started it under the same key meanwhile */
  private async start(command: StartReplay): Promise<StartedReplay | undefined> {
    try {
      const started = await this.source.transaction((transaction) => this.select(transaction, command));
      // Not waited for longer than a moment: it goes on by itself, also after a crash.
      if (started) await this.rounds.begin(started.row.execution_id);
      return started;
    } catch (error) {
      if (error instanceof Undone) return { kind: 'possible', selection: error.selection };
      throw error;
    }
  }

  private async select(
    transaction: Transaction,
    { replayOf, request, idempotencyKey, dryRun }: StartReplay,
  ): Promise<Extract<StartedReplay, { kind: 'started' }> | undefined> {
    const name = await nameOf(transaction, replayOf);
    const executionId = newId();
    const at = new Date();
    const key = dryRun ? null : idempotencyKey;
    const asked = [executionId, replayOf, key, JSON.stringify(request), name, at];
    if ((await transaction.rows(INSERT_SQL, asked)).length === 0) return undefined;
    const selection = await selectOriginals(transaction, executionId, replayOf, request);
    refuse(selection, request, replayOf);
    const bad = await checkInputs(transaction, this.store, executionId);
    if (bad.total > 0) {
      const more = bad.total > MAX_NAMED ? ` The first ${MAX_NAMED} are named.` : '';
      throw new ReplayError(
        'inputs_not_replayable',
        `The input of ${bad.total} of ${selection.records} records cannot be had; nothing was queued.${more}`,
        bad.named,
      );
    }
    if (dryRun) throw new Undone(selection);
    const queues = selection.routes.map(({ routeId }) => ({
      queue: queueOf(routeId, request.fromStage),
      route_id: routeId,
    }));
    await transaction.rows(QUEUES_SQL, [executionId, JSON.stringify(queues), request.fromStage]);
    const [row] = await transaction.rows<ReplayRow>(SELECTED_SQL, [executionId, selection.records]);
    return { kind: 'started', row: row as ReplayRow, selection };
  }
}

async function nameOf(transaction: Transaction, replayOf: string): Promise<string | null> {
  const [row] = await transaction.rows<{ pruned_at: Date | null; original: [string | null] | null }>(
    ORIGINAL_SQL,
    [replayOf],
  );
  if (row?.pruned_at) throw ExecutionError.pruned(replayOf, row.pruned_at);
  if (!row?.original) throw ExecutionError.unknown(replayOf);
  return row.original[0];
}

function refuse({ records, pending, routes }: Selection, request: ReplayRequest, replayOf: string): void {
  const { fromStage, routeId, onlyFailed } = request;
  if (records === 0) {
    const stage = routeId === null ? fromStage : `${routeId}/${fromStage}`;
    const which = onlyFailed ? 'has failed' : 'has ended';
    const left =
      pending > 0 ? ` ${pending} are pending: they are not replayed before somebody ends them.` : '';
    throw new ReplayError(
      'nothing_to_replay',
      `No record of ${stage} in execution ${replayOf} ${which}.${left}`,
      [{ field: 'from_stage', message: 'selects no record' }],
    );
  }
  if (routes.length > MAX_ROUTES)
    throw new ReplayError(
      'too_many_routes',
      `${fromStage} is in ${routes.length} routes; replay one of them, or ${MAX_ROUTES} at most.`,
      [{ field: 'route_id', message: 'must name one of the routes' }],
    );
}

const FIELDS = {
  fromStage: 'from_stage',
  routeId: 'route_id',
  onlyFailed: 'only_failed',
  reason: 'reason',
} as const satisfies Record<keyof ReplayRequest, string>;

const differencesOf = (before: ReplayRequest, now: ReplayRequest): string[] =>
  (Object.keys(FIELDS) as (keyof ReplayRequest)[])
    .filter((field) => before[field] !== now[field])
    .map((field) => FIELDS[field]);

const busy = (): ProblemError =>
  new ProblemError(
    { status: 503, code: 'overloaded', detail: 'Too many replays are being checked; ask again later.' },
    { 'retry-after': '5' },
  );
