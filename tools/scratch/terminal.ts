import { UsageError } from './usage';

/** Where a tool is called from, as far as it goes on while it works. */
export interface Terminal {
  /** aborted by Ctrl-C, SIGTERM and SIGHUP */
  readonly signal: AbortSignal;
  /** Tells people what goes on, with the seconds since the start. */
  say(message: string): void;
}

/**
 * Runs a tool to its exit code: what `main` answers, 2 with the help for wrong usage, 1 when it throws, 130 after
 * Ctrl-C, which `main` is told by the signal so that it cleans up first.
 */
export async function runTool(help: string, main: (terminal: Terminal) => Promise<number>): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // npm passes on what the terminal has sent already: the second one means nothing.
    process.on(signal, () => interruption.abort(new Error('interrupted')));
  }
  // A terminal that is gone must not keep the rest from being cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const { signal } = interruption;
  try {
    process.exitCode = await main({ signal, say: sayer() });
  } catch (error) {
    if (!signal.aborted) console.error(error instanceof UsageError ? `${error.message}\n\n${help}` : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
  if (!signal.aborted) return;
  process.stderr.write('Interrupted: what ran is stopped, what was made is removed.\n');
  // Work that was broken off may still wait for what is gone.
  process.exit(130);
}

function sayer(): Terminal['say'] {
  const startedAt = performance.now();
  return (message) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`${`[${seconds} s]`.padStart(10)} ${message}\n`);
  };
}
