import { setTimeout as pause } from 'node:timers/promises';
import { context } from './context';
import { describeError } from './error-info';
import { follow } from './follow';
import type { Announcer } from './logger';
import * as say from './messages';
import type { LineageRecorder } from './recorder';
import { Refused, type Job, type ReplayClient, type Told, type Wanted } from './replay-client';
import { handlerFor, type Handler } from './replay-handlers';
import { argumentsOf, decodeMessage, drained } from './replay-message';
import { RunScope } from './run';
import { within } from './within';

// A worker is one loop that takes work, and as many messages in work as it may have at once. For each of them: its bytes
// are fetched, its record is resumed, the handler works, what came of it is recorded and shipped, and then, only then, the
// command app is told that the message has come to its end. Whoever is killed before that has it done again by another
// attempt, unless the facts have arrived: those count, whatever was told. While a message is in work its lease is extended.

/** How a worker works. */
export interface ReplayWorkerOptions {
  /** messages in work at once */
  readonly concurrency: number;
  /** how long the command app waits for a word before it gives a message to somebody else */
  readonly leaseMs: number;
  /** the longest shutdown waits for messages in work */
  readonly shutdownMs: number;
}

const WAIT_MS = 20_000;
const GATHER_MS = 50;
const FIRST_PAUSE_MS = 500;
/** How often bytes are asked for that do not arrive, while the lease lasts. */
const MAX_FETCHES = 20;
const LONGEST_PAUSE_MS = 30_000;
const RELEASED = { class: 'ReplayReleased', message: 'the service shut down before it was done' };

/** Takes messages of replays for the handlers of a service. Never throws into it. */
export class ReplayWorker {
  readonly #stopping = new AbortController();
  readonly #inWork = new Map<Job, Promise<void>>();
  #loop: Promise<void> = Promise.resolve();
  #changed: () => void = () => undefined;

  constructor(
    private readonly recorder: LineageRecorder,
    private readonly handlers: readonly Handler[],
    private readonly client: ReplayClient,
    private readonly options: ReplayWorkerOptions,
    private readonly announcer: Announcer,
  ) {}

  start(): void {
    this.#loop = this.#takeWork();
  }

  /** Takes nothing more, waits for what is in work, and gives the rest back. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#changed();
    await this.#loop;
    await within(Promise.all(this.#inWork.values()), this.options.shutdownMs);
    const signal = AbortSignal.timeout(2000);
    const left = [...this.#inWork.keys()];
    await Promise.all(left.map(({ job }) => this.client.fail(job, RELEASED, true, signal)));
  }

  async #takeWork(): Promise<void> {
    const { signal } = this.#stopping;
    const { concurrency, leaseMs } = this.options;
    const wanted = this.handlers.map(({ adapter, route }): Wanted => ({
      adapter_name: adapter,
      ...(route !== undefined && { route_id: route }),
    }));
    let backoffMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const free = concurrency - this.#inWork.size;
      // One question for several messages: not before a quarter of the places is free, or a moment has passed.
      if (free < concurrency / 4) {
        await this.#change();
        if (free <= 0 || concurrency - this.#inWork.size >= concurrency / 4) continue;
        await pause(GATHER_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
      try {
        const places = concurrency - this.#inWork.size;
        const jobs = await this.client.lease(wanted, places, leaseMs, WAIT_MS, signal);
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

  /** Resolves when a message is out of work, or there is to be no more. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #begin(job: Job): void {
    const work = this.#work(job)
      .catch((error: unknown) => this.announcer.warn('replay job', () => say.replayFailed(reasonOf(error))))
      .finally(() => {
        this.#inWork.delete(job);
        this.#changed();
      });
    this.#inWork.set(job, work);
  }

  async #work(job: Job): Promise<void> {
    const lost = new AbortController();
    const heartbeat = setInterval(() => {
      void this.client.extend(job.job, this.options.leaseMs, lost.signal).then((told) => {
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
    const handler = handlerFor(this.handlers, job.route_id, job.adapter_name);
    if (!handler) return this.client.fail(job.job, NO_HANDLER, true, lost);
    let message: unknown;
    try {
      message = await this.#arrived(job, lost);
    } catch (error) {
      // What is not there will not be there next time; what does not arrive may.
      const retry = !(error instanceof Refused || error instanceof SyntaxError);
      return this.client.fail(job.job, describeError(error), retry, lost);
    }
    const failure = await this.#handle(job, handler, message);
    await this.#shipped(lost);
    if (!failure) return this.client.complete(job.job, lost);
    return this.client.fail(job.job, describeError(failure.error), handler.retry, lost);
  }

  /** The message of a job, asked for again where the command app is away for a moment. */
  async #arrived(job: Job, lost: AbortSignal): Promise<unknown> {
    for (let fetches = 1; ; fetches += 1) {
      try {
        return await this.#message(job, lost);
      } catch (error) {
        const isFinal = error instanceof Refused || error instanceof SyntaxError;
        if (isFinal || lost.aborted || fetches === MAX_FETCHES) throw error;
        await pause(FIRST_PAUSE_MS, undefined, { signal: lost, ref: false }).catch(() => undefined);
      }
    }
  }

  async #message({ job, inputs, joined }: Job, lost: AbortSignal): Promise<unknown> {
    const messages: unknown[] = [];
    for (const { key, content_type: contentType } of inputs)
      messages.push(decodeMessage(await this.client.input(job, key, lost), contentType));
    return joined ? messages : messages[0];
  }

  /** Does the work of the record. @returns what went wrong, if anything did */
  async #handle(job: Job, handler: Handler, message: unknown): Promise<{ error: unknown } | undefined> {
    const record = this.recorder.resume(job.headers);
    record.start();
    const scope = new RunScope(this.recorder, record);
    const replay = { route: job.route_id, adapter: job.adapter_name, taken: false };
    const args = argumentsOf(message, handler.arity, job.joined);
    try {
      const result = follow(scope, () =>
        context.run({ recorder: this.recorder, record, replay }, () => handler.call(args)),
      );
      await drained(result);
      return undefined;
    } catch (error) {
      scope.failed(error);
      return { error };
    } finally {
      // Whatever it gave, nobody goes on with it.
      scope.completed(undefined);
    }
  }

  /** The facts are to arrive before it is said that there are no more. */
  async #shipped(lost: AbortSignal): Promise<void> {
    while (!lost.aborted && !(await this.recorder.settle()))
      await pause(FIRST_PAUSE_MS, undefined, { signal: lost, ref: false }).catch(() => undefined);
  }
}

const NO_HANDLER = { class: 'NoReplayHandler', message: 'the service has no handler for the adapter' };

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
