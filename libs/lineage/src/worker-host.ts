import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { ShippingSettings } from './shipping-settings';
import { within } from './within';

// The thread that ships, as the recorder sees it. A thread that ends by an error, or by its memory, is started again
// after a pause; what it shares with the recorder stays, so that its successor goes on where it was.

/** Set up for small things: batches of some megabytes, one at a time. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** How long a thread that is ended by force may take: one that waits for the system is not ended at all. */
const TERMINATE_MS = 1_000;
/** A thread that lived so long was well. */
const WELL_AFTER_MS = 60_000;

/** What the thread is started with. */
export interface WorkerData {
  readonly settings: ShippingSettings;
  readonly buffers: Readonly<Record<'control' | 'ring' | 'losses' | 'payloads', SharedArrayBuffer>>;
  /** payloads in memory, where there is no spool */
  readonly held: SharedArrayBuffer | undefined;
}

/** What the thread tells the recorder. */
export type ToRecorder =
  | { readonly kind: 'log' | 'warn'; readonly text: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * Where the thread's program is: beside the file this code is in, under the name that builds give it.
 * @returns undefined when there is none
 */
export function findWorkerFile(given: string | undefined): string | undefined {
  const file = given ?? fileURLToPath(new URL('./shipper.worker.mjs', import.meta.url));
  return existsSync(file) ? file : undefined;
}

export class WorkerHost {
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #restarts = 0;
  #closed = false;

  constructor(
    private readonly file: string,
    private readonly data: WorkerData,
    private readonly events: { told(message: ToRecorder): void; ended(reason: string): void },
  ) {}

  /** how often the thread had to be started again */
  get restarts(): number {
    return this.#restarts;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the thread, which does not keep the process alive. Never throws. */
  start(): void {
    if (this.#worker || this.#closed) return;
    const startedAt = performance.now();
    try {
      // Not the options of this process: what they preload is meant for the service.
      const worker = new Worker(this.file, {
        workerData: this.data,
        execArgv: [],
        env: SHARE_ENV,
        resourceLimits: LIMITS,
        name: 'factflow lineage',
      });
      this.#worker = worker;
      let reason = 'it ended by itself';
      worker.on('message', (message: ToRecorder) => this.events.told(message));
      worker.on('error', (error) => (reason = error instanceof Error ? error.message : String(error)));
      worker.on('exit', () => this.#exited(worker, reason, startedAt));
      // Last: a listener for messages would have the process wait for them.
      worker.unref();
    } catch (error) {
      this.#restartLater(String(error));
    }
  }

  /** Resolves when the thread has ended: by itself, or because it took longer than this. @returns false when it cannot be ended */
  async close(timeoutMs: number): Promise<boolean> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (!worker) return true;
    worker.ref();
    const timer = setTimeout(() => void worker.terminate(), timeoutMs);
    await within(
      new Promise<void>((resolve) => worker.once('exit', () => resolve())),
      timeoutMs + TERMINATE_MS,
    );
    clearTimeout(timer);
    worker.unref();
    return !this.isRunning;
  }

  #exited(worker: Worker, reason: string, startedAt: number): void {
    if (this.#worker === worker) this.#worker = undefined;
    if (this.#closed) return;
    if (performance.now() - startedAt > WELL_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#restartLater(reason);
  }

  #restartLater(reason: string): void {
    this.#restarts += 1;
    this.events.ended(reason);
    this.#timer = setTimeout(() => this.start(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
