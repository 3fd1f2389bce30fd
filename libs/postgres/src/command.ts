import { spawn, type SpawnOptions } from 'node:child_process';
import type { Account } from './account';

/** How a command ended; `code` is null when it was ended by a signal or ran out of time. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/**
 * What PostgreSQL's programs get to know of our environment: other accounts may read theirs, PG* variables
 * would change what they do, and their messages are searched, so they have to be English.
 */
export function serverSpawnOptions(account: Account): SpawnOptions {
  const { PATH, SystemRoot, TEMP } = process.env;
  const env = Object.fromEntries(
    Object.entries({ PATH, SystemRoot, TEMP, LC_ALL: 'C' }).filter(([, value]) => value !== undefined),
  );
  // The account may not be allowed into our current folder.
  const cwd = process.platform === 'win32' ? undefined : '/';
  return { ...account.ids, cwd, env, windowsHide: true };
}

/** Runs a program to its end, or kills it after `timeoutMs`. */
export function runCommand(
  program: string,
  args: readonly string[],
  account: Account,
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...serverSpawnOptions(account),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-8192);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

/** A path as one word of a POSIX shell, for messages that say what to type. */
export function shellWord(path: string): string {
  return /^[\w/.@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
