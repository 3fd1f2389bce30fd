import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './settings';

/** Longest time an app may take to be ready, and to end after it was asked to. */
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const LAST_LINES = 15;

/**
 * Loaded into every child: when this process is killed its end of the pipe closes, and the child ends itself.
 * The child has a process group of its own, so a signal of the terminal would not reach it.
 */
export const END_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).on('error', () => {}).resume().unref();",
)}`;

export interface ProgramOptions {
  /** Built file and its arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where its output goes; none: to the terminal. */
  readonly logFile?: string;
}

/** A Node program in a process group of its own, out of reach of the terminal's Ctrl-C. */
export class Program {
  /** How it ended, such as `exit code 1`. */
  readonly ended: Promise<string>;
  exitCode: number | undefined;
  private readonly child: ChildProcess;

  constructor({ args, cwd, env, logFile }: ProgramOptions) {
    const log = logFile === undefined ? 'inherit' : openSync(logFile, 'w');
    this.child = spawn(process.execPath, [`--import=${END_WITH_PARENT}`, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', log, log],
      detached: true,
    });
    if (typeof log === 'number') closeSync(log);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) => {
        this.exitCode = code ?? 1;
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  /** Ends it with SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(impatience);
  }
}

/**
 * Waits until `GET <url>/health/ready` answers 200.
 * @throws {StartError} when the program ends before, with its last lines, or takes longer than a minute
 */
export async function waitUntilReady(
  name: string,
  program: Program,
  { url, logFile, signal }: { url: string; logFile: string; signal: AbortSignal },
): Promise<void> {
  const deadline = AbortSignal.timeout(READY_WITHIN_MS);
  let end: string | undefined;
  void program.ended.then((how) => (end = how));
  while (!(await isReady(url))) {
    signal.throwIfAborted();
    if (end !== undefined) throw new StartError(obituary(name, end, logFile));
    if (deadline.aborted) {
      throw new StartError(`The ${name} app was not ready within a minute. It says:\n${lastLines(logFile)}`);
    }
    await delay(100, undefined, { signal });
  }
}

/** What is said of an app that ended by itself. */
export const obituary = (name: string, end: string, logFile: string): string =>
  `The ${name} app ended (${end}). Its last lines (all of them: ${logFile}):\n${lastLines(logFile)}`;

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

const lastLines = (logFile: string): string =>
  readFileSync(logFile, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-LAST_LINES)
    .map((line) => `  ${line}`)
    .join('\n');

/** @throws {StartError} naming the variable to set, when somebody listens there already */
export function checkPortIsFree(host: string, port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${error.message})`;
      reject(
        new StartError(
          `Port ${port} ${reason}: end what listens there, or choose another port, for example\n\n  ${variable}=${port + 100} npm start`,
        ),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
