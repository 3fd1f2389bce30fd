// npm run bench: every measure against its baseline in the same run. Ctrl-C cleans up.
import { resolve } from 'node:path';
import { HELP, listOf, readOptions, UsageError, type Options } from './options';
import { exitCodeOf, jsonLine, table } from './report';
import { type Bench, type Failure, type Outcome, type Row } from './row';
import { ROWS } from './rows';
import { runRow } from './run-row';
import { Scope } from './scope';
import { openServer } from './server';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // npm passes on what the terminal has sent already: the second one means nothing.
  process.on(signal, () => interruption.abort(new Error('interrupted')));
}
// A terminal that is gone must not keep the rest from being cleaned up.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const startedAt = performance.now();
const say = (message: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`${`[${seconds} s]`.padStart(10)} ${message}\n`);
};

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), ROWS);
  if (options.action !== 'run') {
    process.stdout.write(options.action === 'help' ? HELP : listOf(ROWS));
    return 0;
  }
  const scope = new Scope(say);
  try {
    return await run(options, benchOf(options, scope));
  } finally {
    await scope.close();
  }
}

function benchOf(options: Options, scope: Scope): Bench {
  const kept = new Map<string, Promise<unknown>>();
  const shared = <T>(key: string, make: (within: Scope) => Promise<T>): Promise<T> => {
    const made = (kept.get(key) as Promise<T> | undefined) ?? make(scope);
    kept.set(key, made);
    return made;
  };
  const databaseUrl = process.env['DATABASE_URL'] || undefined;
  return {
    root: resolve(import.meta.dirname, '../..'),
    scale: options.scale,
    runs: options.runs,
    profileDir: options.profileDir === undefined ? undefined : resolve(callerFolder(), options.profileDir),
    env: process.env,
    signal: interruption.signal,
    shared,
    server: (kind = 'ordinary') =>
      shared(`server: ${kind}`, (within) => openServer(databaseUrl, kind, within)),
    say,
  };
}

const callerFolder = (): string => process.env['INIT_CWD'] ?? process.cwd();

async function run({ rows, json }: Options, bench: Bench): Promise<number> {
  const results: (Outcome | Failure)[] = [];
  for (const row of rows) {
    const why = row.unavailable?.(bench.env);
    if (why !== undefined) {
      say(`${row.name}: left out: ${why}`);
      continue;
    }
    const result = await resultOf(row, bench);
    if (bench.signal.aborted) break;
    results.push(result);
    if (json) process.stdout.write(`${jsonLine(result)}\n`);
  }
  if (!json && results.length > 0) process.stdout.write(`\n${table(results)}`);
  if (bench.signal.aborted) say('Interrupted: what ran is stopped, what was made is removed.');
  return bench.signal.aborted ? 130 : exitCodeOf(results);
}

/** A row that fails does not keep the others from running. */
async function resultOf(row: Row, bench: Bench): Promise<Outcome | Failure> {
  try {
    const outcome = await runRow(row, bench);
    say(`${row.name}: done in ${outcome.seconds.toFixed(0)} s, ratio ${outcome.ratio.toFixed(2)}`);
    return outcome;
  } catch (error) {
    const failure = { row, error: error instanceof Error ? error.message : String(error) };
    if (!bench.signal.aborted) say(`${row.name}: failed: ${failure.error}`);
    return failure;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!interruption.signal.aborted)
    console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error);
  process.exitCode = interruption.signal.aborted ? 130 : error instanceof UsageError ? 2 : 1;
}
