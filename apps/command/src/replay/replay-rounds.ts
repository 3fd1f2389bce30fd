import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../database/database';
import { BuryJobs } from './bury-jobs';
import { TakeOut } from './cancel-work';
import { CloseReplay } from './close-replay';
import { ExpireLeases } from './expire-leases';
import { QueueRecords } from './queue-records';
import { REPLAY_COLUMNS, type ReplayRow } from './replay';
import { ReplayEvents } from './replay-events';
import { ReplaySource } from './replay-source';
import { WorkBell } from './work-bell';

/** Between rounds while there are replays at work, and while there are none. */
const BUSY_MS = 500;
const IDLE_MS = 5000;
/** Replays that a round looks after; others come when some of these are over. */
const AT_ONCE = 100;
/** How long whoever asks for a replay waits for its first records. */
const FIRST_BATCH_MS = 2000;

// Served by lineage_replay_open.
const OPEN_SQL = `
  SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE NOT closed ORDER BY execution_id LIMIT ${AT_ONCE}`;
const ONE_SQL = `SELECT ${REPLAY_COLUMNS} FROM lineage_replay WHERE execution_id = $1`;

/**
 * Goes on with replays in the background, whoever began them: any number of command apps may, each step is taken by one
 * of them. Where something goes wrong it is tried again in the next round.
 */
@Injectable()
export class ReplayRounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ReplayRounds.name);
  private readonly ending = new AbortController();
  private wake = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private complaint: string | undefined;

  constructor(
    private readonly source: ReplaySource,
    private readonly records: QueueRecords,
    private readonly work: TakeOut,
    private readonly leases: ExpireLeases,
    private readonly dead: BuryJobs,
    private readonly events: ReplayEvents,
    private readonly closing: CloseReplay,
    private readonly bell: WorkBell,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.repeat();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    this.hurry();
    await this.running;
  }

  /** The next round comes at once. */
  hurry(): void {
    this.wake.abort();
  }

  /** Takes a first step with a replay, and does not wait for long; rounds take the others. Never rejects. */
  async begin(executionId: string): Promise<void> {
    const step = (async () => {
      const [replay] = await this.source.rows<ReplayRow>(ONE_SQL, [executionId]);
      if (replay?.state === 'starting') await this.records.queueBatch(executionId);
      this.bell.ring();
    })().catch((error: unknown) => this.complain(error));
    await Promise.race([step, pause(FIRST_BATCH_MS, undefined, { ref: false })]);
    this.hurry();
  }

  private async repeat(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      this.wake = new AbortController();
      const busy = await this.round().catch((error: unknown) => {
        this.complain(error);
        return false;
      });
      const either = AbortSignal.any([signal, this.wake.signal]);
      const ms = busy ? BUSY_MS : IDLE_MS;
      await pause(ms, undefined, { signal: either, ref: false }).catch(() => undefined);
    }
  }

  /** @returns whether there are replays that are not over */
  private async round(): Promise<boolean> {
    const open = await this.source.rows<ReplayRow>(OPEN_SQL);
    if (open.length === 0) return false;
    if (open.some(({ state }) => state === 'running' || state === 'starting')) {
      await this.leases.expire();
      await this.dead.bury();
    }
    for (const replay of open) {
      if (this.ending.signal.aborted) break;
      await this.goOn(replay);
    }
    this.bell.ring();
    this.complaint = undefined;
    return true;
  }

  private async goOn(replay: ReplayRow): Promise<void> {
    const { execution_id: executionId, state } = replay;
    if (state === 'starting' || state === 'stopping')
      while (!this.ending.signal.aborted && (await this.records.queueBatch(executionId))) this.bell.ring();
    if (state === 'stopping' || state === 'cancelling') await this.work.takeOut(executionId);
    await this.events.ship(executionId);
    if (state === 'completed' || state === 'cancelled') await this.closing.close(replay);
  }

  /** Says what is wrong once, not with every round. */
  private complain(error: unknown): void {
    const reason = reasonOf(error);
    if (reason === this.complaint || this.ending.signal.aborted) return;
    this.complaint = reason;
    this.logger.warn(`could not go on with replays, trying again: ${reason}`);
  }
}
