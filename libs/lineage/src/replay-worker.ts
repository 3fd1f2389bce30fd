import { setTimeout as pause } from 'node:timers/promises';
import type { Announcer } from './logger';
import * as say from './messages';
import type { Job, ReplayClient, Told, Wanted } from './replay-client';
import type { ReplayTasks } from './replay-tasks';
import { within } from './within';

// A worker is one loop that takes work, and as many messages in work as it may have at once. For each of them: its bytes
// are fetched, its record is resumed, the handler works, what came of it is recorded and shipped, and then, only then, the
// command app is told that the message has come to its end. Whoever is killed before that has it done again by another
// attempt, unless the facts have arrived: those count, whatever was told. A message in hand has its lease extended; it has
// its place until its handler is through, and is shipped and told of beside the next ones.

/** How a worker works. */
export interface ReplayWorkerOptions {
  /** messages in work at once; several times as many may be through and not told of yet */
  readonly concurrency: number;
  /** how long the command app waits for a word before it gives a message to somebody else */
  readonly leaseMs: number;
  /** the longest shutdown waits for messages in work */
  readonly shutdownMs: number;
}

/** Messages in hand for each that may be in work. */
const IN_HAND = 4;
const WAIT_MS = 20_000;
const GATHER_MS = 50;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const RELEASED = { class: 'ReplayReleased', message: 'the service shut down before it was done' };

/** Takes messages of replays for the handlers of a service. Never throws into it. */
export class ReplayWorker {
  readonly #stopping = new AbortController();
  readonly #inHand = new Map<Job, Promise<void>>();
  #inWork = 0;
  #loop: Promise<void> = Promise.resolve();
  #changed: () => void = () => undefined;

  constructor(
    private readonly wanted: readonly Wanted[],
    private readonly tasks: ReplayTasks,
    private readonly client: ReplayClient,
    private readonly options: ReplayWorkerOptions,
    private readonly announcer: Announcer,
  ) {}

  start(): void {
    this.#loop = this.#takeWork();
  }

  /** Takes nothing more, waits for what is in hand, and gives the rest back. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#changed();
    await this.#loop;
    await within(Promise.all(this.#inHand.values()), this.options.shutdownMs);
    const signal = AbortSignal.timeout(2000);
    const left = [...this.#inHand.keys()];
    await Promise.all(left.map(({ job }) => this.client.fail(job, RELEASED, true, signal)));
  }

  async #takeWork(): Promise<void> {
    const { signal } = this.#stopping;
    const { concurrency, leaseMs } = this.options;
    let backoffMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const free = this.#free;
      // One question for several messages: not before a quarter of the places is free, or a moment has passed.
      if (free < concurrency / 4) {
        await this.#change();
        if (free <= 0 || this.#free >= concurrency / 4) continue;
        await pause(GATHER_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
      try {
        const places = this.#free;
        const jobs = await this.client.lease(this.wanted, places, leaseMs, WAIT_MS, signal);
        for (const job of jobs) this.#begin(job);
        backoffMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (signal.aborted) break;
        this.announcer.warn('replay', () => say.replayAway(reasonOf(error)));
        await pause(backoffMs, undefined, { signal, ref: false }).catch(() => undefined);
        backoffMs = Math.min(2 * backoffMs, LONGEST_PAUSE_MS);
      }
    }
  }

  /** How many more may be taken. */
  get #free(): number {
    const { concurrency } = this.options;
    return Math.min(concurrency - this.#inWork, IN_HAND * concurrency - this.#inHand.size);
  }

  /** Resolves when a message is out of work or of hand, or there is to be no more. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #begin(job: Job): void {
    const work = this.#work(job)
      .catch((error: unknown) => this.announcer.warn('replay job', () => say.replayFailed(reasonOf(error))))
      .finally(() => {
        this.#inHand.delete(job);
        this.#changed();
      });
    this.#inHand.set(job, work);
  }

  async #work(job: Job): Promise<void> {
    const lost = new AbortController();
    let isExtending = false;
    const heartbeat = setInterval(() => {
      if (isExtending) return;
      isExtending = true;
      void this.client.extend(job.job, this.options.leaseMs, lost.signal).then((told) => {
        isExtending = false;
        if (told === 'lost') lost.abort();
      });
    }, this.options.leaseMs / 3).unref();
    try {
      await this.#replay(job, lost.signal);
    } finally {
      clearInterval(heartbeat);
      lost.abort();
    }
  }

  async #replay(job: Job, lost: AbortSignal): Promise<Told> {
    const end = await this.#inPlace(() => this.tasks.do(job, lost));
    if (end.isRecorded) await this.tasks.shipped(lost);
    if (!end.failure) return this.client.complete(job.job, lost);
    return this.client.fail(job.job, end.failure, end.retry, lost);
  }

  /** Does something that takes one of the places. */
  async #inPlace<Result>(action: () => Promise<Result>): Promise<Result> {
    this.#inWork += 1;
    try {
      return await action();
    } finally {
      this.#inWork -= 1;
      this.#changed();
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
