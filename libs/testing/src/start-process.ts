import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { eventually } from './eventually';

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartProcessOptions {
  /** Laid over the environment of the specs; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Give it a process group of its own, as a terminal does, for `signalGroup`. Default false. */
  readonly ownGroup?: boolean;
}

/** A child process and everything it has said so far. */
export interface TestProcess {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Settles once it has ended and its output is complete. */
  readonly exit: Promise<ProcessExit>;
  /** Waits until stdout or stderr matches; fails at once, with the output, when the process ends without. */
  waitForOutput(pattern: RegExp | string, options?: { timeoutMs?: number }): Promise<RegExpExecArray>;
  /** Writes to its stdin. */
  write(text: string): void;
  /** Sends a signal to the process alone. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal to all of its group, as Ctrl-C in a terminal does; needs `ownGroup`. */
  signalGroup(name: NodeJS.Signals): void;
  /** Ends it: SIGTERM, and SIGKILL after `graceMs` (5,000 unless given). */
  stop(graceMs?: number): Promise<ProcessExit>;
}

// How long the output of a process that has ended may take to arrive.
const PIPES_MS = 1_000;

const started = new Set<Child>();

// Nothing that a spec file started outlives it, whatever became of its tests.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    const left = [...started];
    for (const child of left) child.kill('SIGKILL');
    await Promise.all(left.map((child) => child.exit));
    started.clear();
  });
}

/**
 * Starts a program. It is killed at the end of the spec file at the latest, together with its group if it has one
 * of its own; for that this file has to be imported at the top of the spec file.
 */
export function startProcess(
  command: string,
  args: readonly string[] = [],
  options: StartProcessOptions = {},
): TestProcess {
  const child = new Child(command, args, options);
  started.add(child);
  void child.exit.then(() => {
    if (!child.leftSomebody()) started.delete(child);
  });
  return child;
}

class Child implements TestProcess {
  readonly exit: Promise<ProcessExit>;
  stdout = '';
  stderr = '';
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly ownGroup: boolean;
  private ending: string | undefined;

  constructor(
    private readonly command: string,
    args: readonly string[],
    { env, cwd, ownGroup = false }: StartProcessOptions,
  ) {
    this.ownGroup = ownGroup;
    this.process = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: ownGroup });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.process.stdin.on('error', () => undefined);
    this.exit = this.watchExit();
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async waitForOutput(
    pattern: RegExp | string,
    { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
  ): Promise<RegExpExecArray> {
    const expression = typeof pattern === 'string' ? new RegExp(escapeRegExp(pattern)) : pattern;
    const match = await eventually(
      () => {
        const found = expression.exec(this.stdout) ?? expression.exec(this.stderr);
        if (found || this.ending !== undefined) return found;
        throw new Error(this.said());
      },
      `${this.command} to print ${expression}`,
      { timeoutMs },
    );
    if (match) return match;
    throw new Error(`${this.command} ${this.ending} before it printed ${expression}; ${this.said()}`);
  }

  write(text: string): void {
    this.process.stdin.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  signalGroup(name: NodeJS.Signals): void {
    if (!this.ownGroup) throw new Error('signalGroup needs a process started with ownGroup');
    this.toGroup(name);
  }

  async stop(graceMs = 5_000): Promise<ProcessExit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMs);
    return this.exit.finally(() => clearTimeout(timer));
  }

  /** Sends a signal to the process, and to all of its group if it has one of its own. */
  kill(name: NodeJS.Signals): void {
    if (this.ownGroup) this.toGroup(name);
    else this.signal(name);
  }

  /** Whether others of its group still run. */
  leftSomebody(): boolean {
    return this.ownGroup && this.toGroup(0);
  }

  private toGroup(name: NodeJS.Signals | 0): boolean {
    try {
      return this.pid > 0 && process.kill(-this.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  private watchExit(): Promise<ProcessExit> {
    return new Promise((resolve) => {
      const end = (ending: string, exit: ProcessExit): void => {
        this.ending ??= ending;
        resolve(exit);
      };
      this.process.once('error', (error) =>
        end(`could not be started (${error.message})`, { code: null, signal: null }),
      );
      this.process.once('exit', (code, signal) => {
        const ending = `ended with ${signal ?? `exit code ${code}`}`;
        this.process.once('close', () => end(ending, { code, signal }));
        // A process it left behind may hold the pipes for ever.
        setTimeout(() => end(ending, { code, signal }), PIPES_MS).unref();
      });
    });
  }

  private said(): string {
    return `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
