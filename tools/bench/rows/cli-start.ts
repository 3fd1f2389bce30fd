import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';

/** Starts that make one number. */
const STARTS = 5;

/** What an operator waits for before the CLI says anything. */
export const CLI_START: Row = {
  name: 'cli-start',
  measure: 'milliseconds that factflow --help takes, from start to end',
  baseline: 'node -e 0',
  unit: 'ms',
  goal: { atMost: 2.5 },
  runs: 9,
  prepare,
};

function prepare(bench: Bench): Promise<Sides> {
  const cli = join(bench.root, 'apps/cli/bin/factflow.mjs');
  return Promise.resolve({
    candidate: () => meanStart([cli, '--help']),
    baseline: () => meanStart(['-e', '0']),
  });
}

async function meanStart(args: readonly string[]): Promise<number> {
  const ms = await timed(async () => {
    for (let n = 0; n < STARTS; n += 1) await start(args);
  });
  return ms / STARTS;
}

async function start(args: readonly string[]): Promise<void> {
  const [code] = (await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with exit code ${code}`);
}
