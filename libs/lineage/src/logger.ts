/** Takes the recorder's messages to people. Nest's Logger is one. */
export interface LineageLogger {
  log(message: string): void;
  warn(message: string): void;
}

const toStderr = (message: string): void => {
  process.stderr.write(`lineage: ${message}\n`);
};

/** One line on stderr for each message. */
export const stderrLogger: LineageLogger = { log: toStderr, warn: toStderr };

/** How often the same kind of warning is repeated, milliseconds. */
export const WARN_EVERY_MS = 30_000;

/** Says things without ever throwing, and warnings of one kind at most every 30 seconds. */
export class Announcer {
  readonly #lastWarned = new Map<string, number>();

  constructor(
    private readonly logger: LineageLogger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  say(message: string): void {
    this.#attempt(() => this.logger.log(message));
  }

  /** Passes on a warning that was already limited where it comes from. */
  pass(message: string): void {
    this.#attempt(() => this.logger.warn(message));
  }

  /** @param kind what is limited; a handful of fixed words */
  warn(kind: string, message: () => string): void {
    const last = this.#lastWarned.get(kind);
    const now = this.now();
    if (last !== undefined && now - last < WARN_EVERY_MS) return;
    this.#lastWarned.set(kind, now);
    this.#attempt(() => this.logger.warn(message()));
  }

  /** A logger that fails must not reach the pipeline, and there is nobody left to tell. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch {
      return;
    }
  }
}
