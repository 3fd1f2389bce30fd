import { ProblemError, StartupError } from '@factflow/server';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { Piscina } from 'piscina';
import type { WriterConfig } from '../config';
import type { AppendReport } from './ingest';
import type { IngestOutcome, IngestTask } from './ingest.worker';
import { recorderOf, ThreadChoice } from './thread-choice';

/** Requests a thread works on at once: enough to share commits and to have work while the database has some. */
const TASKS_PER_THREAD = 64;
/**
 * Of a thread, for what is young; V8 makes three parts of it. More is no gain: what is younger than a commit has to be
 * copied all the same, and no longer fits the caches of the processor.
 */
const YOUNG_GENERATION_MB = 48;
/** The longest the end waits for threads that are at work. */
const CLOSE_TIMEOUT_MS = 5000;

/** What an ingest thread is set up with. */
export interface IngestThreads extends WriterConfig {
  readonly ingestThreads: number;
}

/** A pool of one thread. */
type Thread = Piscina<IngestTask | null, IngestOutcome>;

/**
 * The threads that parse, validate, fold and write. Each has a share of the connections. Any of them may get any request,
 * for lanes keep them apart as they keep command apps apart; the one that has written for a recorder before has less to
 * read. The main thread answers in the meantime.
 */
export class IngestWorkers implements OnApplicationShutdown {
  private readonly logger = new Logger(IngestWorkers.name);
  /** each starts another when its own ends */
  private readonly threads: readonly Thread[];
  private readonly loading: Promise<unknown>;
  private readonly atWork: number[];
  private readonly choice = new ThreadChoice();

  /**
   * @param file the built `ingest.worker.ts`
   * @throws StartupError when it is not there: threads would be started for ever, and requests wait for them
   */
  constructor({ databaseUrl, poolSize, ingestThreads }: IngestThreads, file: string) {
    if (!existsSync(file)) throw new StartupError(`${file} is missing. Build it first:\n\n  npm run build\n`);
    const workerData: WriterConfig = { databaseUrl, poolSize: Math.ceil(poolSize / ingestThreads) };
    this.threads = Array.from({ length: ingestThreads }, () => startThread(file, workerData));
    this.atWork = this.threads.map(() => 0);
    this.loading = Promise.allSettled(this.threads.map((thread) => thread.run(null, { name: 'loaded' })));
  }

  /**
   * Appends the events of one request.
   * @param task its body must have its memory for itself: it is given away
   * @returns what became of it, and how many records had an earlier decision overturned
   * @throws ProblemError for a request that cannot be read, or whose thread has ended; and what the database fails with
   */
  async append(task: IngestTask): Promise<{ report: AppendReport; overturned: number }> {
    const outcome = await this.run(task);
    switch (outcome.kind) {
      case 'appended':
        return outcome;
      case 'refused':
        throw new ProblemError(outcome.problem);
      case 'unavailable':
        throw Object.assign(new Error(outcome.message), { code: outcome.code });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    // A thread that is ended while it links the modules of its program takes the process with it.
    await this.loading;
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  private async run(task: IngestTask): Promise<IngestOutcome> {
    const { atWork } = this;
    const chosen = this.choice.choose(recorderOf(task.body), atWork);
    const thread = this.threads[chosen] as Thread;
    atWork[chosen] = (atWork[chosen] as number) + 1;
    try {
      return await thread.run(task, { transferList: [task.body.buffer as ArrayBuffer] });
    } catch (error) {
      throw this.ended(error);
    } finally {
      atWork[chosen] = (atWork[chosen] as number) - 1;
    }
  }

  /** What a thread has ended with is told to all whose requests it had. Another takes its place, and sending again is safe. */
  private ended(error: unknown): ProblemError {
    const isFull = (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (!isFull)
      this.logger.error(
        'A request was not answered, or the thread that had it has ended',
        (error as Error).stack,
      );
    const why = isFull
      ? 'The events that wait do not fit into memory'
      : 'The thread that had the events has failed; the log of the server says why';
    const detail = `${why}. Send the whole request again later${isFull ? ', or a smaller one' : ''}.`;
    return new ProblemError({ status: 503, code: 'overloaded', detail }, { 'retry-after': '1' });
  }
}

function startThread(file: string, workerData: WriterConfig): Thread {
  const thread: Thread = new Piscina({
    filename: file,
    name: 'append',
    workerData,
    // What the process was told to load beside the app is not meant for its threads.
    execArgv: [],
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: TASKS_PER_THREAD,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    closeTimeout: CLOSE_TIMEOUT_MS,
  });
  // The tasks of a thread that ends are told of it themselves; another thread takes its place.
  thread.on('error', () => undefined);
  return thread;
}
