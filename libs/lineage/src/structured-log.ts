import type { OutgoingEvent, RejectedEvent } from './sink';
import { LogFile, STDERR } from './log-file';

/**
 * Where events go that the command app will not get: one event a line, exactly what `POST /api/v1/events` takes, so
 * that the file can be posted later. Events the command app rejected would be rejected again: they go into a file of
 * their own, `<path>.rejected`, as `{ "code", "message", "event" }`; on stderr these stand among the others.
 */
export class StructuredLog {
  readonly #events: LogFile;
  readonly #rejected: LogFile;

  /** @param onFailure told how many events could not be written, and why */
  constructor(
    readonly path: string,
    onFailure: (events: number, reason: string) => void,
  ) {
    this.#events = new LogFile(path, onFailure);
    this.#rejected = path === STDERR ? this.#events : new LogFile(`${path}.rejected`, onFailure);
  }

  write(event: OutgoingEvent): void {
    this.#events.append(event.line);
  }

  writeRejected({ line }: OutgoingEvent, { code, message }: RejectedEvent): void {
    const reason = JSON.stringify({ code, message });
    this.#rejected.append(`${reason.slice(0, -1)},"event":${line}}`);
  }

  /** Resolves when everything is written or given up. */
  async settled(): Promise<void> {
    await Promise.all([this.#events.settled(), this.#rejected.settled()]);
  }

  /** Writes what waits before it returns. */
  drainSync(): void {
    this.#events.drainSync();
    this.#rejected.drainSync();
  }

  close(): void {
    this.#events.close();
    this.#rejected.close();
  }
}
