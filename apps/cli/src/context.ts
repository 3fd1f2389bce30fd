import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** A stream as far as the CLI uses it. */
export interface Output {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  /** False: the reader is behind, wait for `drain`. */
  write(data: string | Uint8Array): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** Everything a command may touch of the world around it. */
export interface Context {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Name of this machine. */
  readonly host: string;
  /** Of this process. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or early when `signal` aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts on the first Ctrl-C from then on; who never asks is ended by the signal itself. */
  interruption(): AbortSignal;
}

/** The context of this process. */
export function processContext(): Context {
  return {
    // Asked for only where it is read: it would keep the process waiting.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    fetch: (...request) => fetch(...request),
    get host() {
      return hostname();
    },
    pid: process.pid,
    now: Date.now,
    pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    interruption: () => {
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      return interrupted.signal;
    },
  };
}
