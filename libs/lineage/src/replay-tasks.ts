import { setTimeout as pause } from 'node:timers/promises';
import type { ErrorInfo } from '@factflow/domain';
import { context } from './context';
import { describeError } from './error-info';
import { follow } from './follow';
import type { LineageRecorder } from './recorder';
import { Refused, type Job, type ReplayClient } from './replay-client';
import { handlerFor, type Handler } from './replay-handlers';
import { argumentsOf, decodeMessage, drained } from './replay-message';
import { RunScope } from './run';

const PAUSE_MS = 500;
/** How often bytes are asked for that do not arrive, while the lease lasts. */
const MAX_FETCHES = 20;
const NO_HANDLER = { class: 'NoReplayHandler', message: 'the service has no handler for the adapter' };

/** How a message ended. */
export interface End {
  readonly failure: ErrorInfo | undefined;
  /** whether another attempt may change it */
  readonly retry: boolean;
  /** whether there are facts that are to be shipped before it is told */
  readonly isRecorded: boolean;
}

/** Does messages of replays: fetches their bytes, resumes their record, and has the handler work. */
export class ReplayTasks {
  constructor(
    private readonly recorder: LineageRecorder,
    private readonly handlers: readonly Handler[],
    private readonly client: ReplayClient,
  ) {}

  /**
   * Does a message. Never rejects.
   * @param lost aborts when the message is no longer that of this service
   */
  async do(job: Job, lost: AbortSignal): Promise<End> {
    const handler = handlerFor(this.handlers, job.route_id, job.adapter_name);
    if (!handler) return { failure: NO_HANDLER, retry: true, isRecorded: false };
    let message: unknown;
    try {
      message = await this.#arrived(job, lost);
    } catch (error) {
      // What is not there will not be there next time; what does not arrive may.
      const retry = !(error instanceof Refused || error instanceof SyntaxError);
      return { failure: describeError(error), retry, isRecorded: false };
    }
    const failure = await this.#handle(job, handler, message);
    return { failure: failure && describeError(failure.error), retry: handler.retry, isRecorded: true };
  }

  /** Resolves when what was recorded has arrived: facts are to be there before it is said that there are no more. */
  async shipped(lost: AbortSignal): Promise<void> {
    while (!lost.aborted && !(await this.recorder.settle()))
      await pause(PAUSE_MS, undefined, { signal: lost, ref: false }).catch(() => undefined);
  }

  /** The message of a job, asked for again where the command app is away for a moment. */
  async #arrived(job: Job, lost: AbortSignal): Promise<unknown> {
    for (let fetches = 1; ; fetches += 1) {
      try {
        return await this.#message(job, lost);
      } catch (error) {
        const isFinal = error instanceof Refused || error instanceof SyntaxError;
        if (isFinal || lost.aborted || fetches === MAX_FETCHES) throw error;
        await pause(PAUSE_MS, undefined, { signal: lost, ref: false }).catch(() => undefined);
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
}
