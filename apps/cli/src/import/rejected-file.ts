import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { CliError, EXIT, usageError } from '../cli-error';
import type { Rejection } from './send-batch';

/** Takes rejected events in the form in which they can be imported again: `{ "code", "message", "event" }`. */
export class RejectedFile {
  #handle: FileHandle | undefined;

  /** @throws CliError (usage) for a file that is there: nothing is overwritten */
  constructor(private readonly path: string | undefined) {
    if (path !== undefined && existsSync(path)) throw usageError(`--rejected: ${path} is there already.`);
  }

  /** The file is made with the first event. @throws CliError when it cannot be written */
  async write(rejections: readonly Rejection[]): Promise<void> {
    if (this.path === undefined || rejections.length === 0) return;
    const lines = rejections.map(({ code, message, event }) => {
      const reason = JSON.stringify({ code, message });
      return `${reason.slice(0, -1)},"event":${event.json}}\n`;
    });
    try {
      this.#handle ??= await open(this.path, 'wx', 0o600);
      await this.#handle.write(lines.join(''));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new CliError(EXIT.failed, `${this.path} cannot be written (${code ?? message}).`);
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
