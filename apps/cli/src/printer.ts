import { once } from 'node:events';
import pc from 'picocolors';
import type { Context, Output } from './context';
import { safeJson } from './safe-text';
import type { Settings } from './settings';
import { timeText } from './time';

type Paint = (text: string) => string;

/** Writes what a command has to say: data to stdout, remarks to stderr. */
export class Printer {
  private readonly colors: ReturnType<typeof pc.createColors>;

  constructor(
    private readonly context: Context,
    readonly settings: Settings,
  ) {
    this.colors = pc.createColors(settings.color);
  }

  /** A line, or several, of data; waits for a reader that is behind. */
  line(text: string): Promise<void> {
    return write(this.context.stdout, `${text}\n`);
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): Promise<void> {
    return write(this.context.stdout, bytes);
  }

  /** A document of its own. */
  json(value: unknown): Promise<void> {
    return this.line(safeJson(value, 2));
  }

  /** A document on a line. */
  jsonLine(value: unknown): Promise<void> {
    return this.line(safeJson(value));
  }

  /** Something to know about the data that is not data. */
  remark(text: string): void {
    this.context.stderr.write(`${text}\n`);
  }

  time(time: string | null): string {
    return timeText(time, this.settings.timeFormat, this.context.now());
  }

  readonly bold: Paint = (text) => this.colors.bold(text);
  readonly dim: Paint = (text) => this.colors.dim(text);
  readonly red: Paint = (text) => this.colors.red(text);
  readonly yellow: Paint = (text) => this.colors.yellow(text);

  /** Text in the colour of a status or completion. */
  outcome(text: string, word: string): string {
    switch (word) {
      case 'done':
        return this.colors.green(text);
      case 'failed':
        return this.colors.red(text);
      case 'cancelled':
        return this.colors.magenta(text);
      case 'pending':
      case 'running':
      case 'awaiting_children':
      case 'awaiting_records':
        return this.colors.yellow(text);
      default:
        return text;
    }
  }
}

async function write(stream: Output, text: string | Uint8Array): Promise<void> {
  if (!stream.write(text)) await once(stream as never, 'drain');
}
