// npm run bench: every measure against its baseline in the same run. Ctrl-C cleans up.
import { resolve } from 'node:path';
import { HELP, listOf, readOptions, type Options } from './options';
import { exitCodeOf, jsonLine, table } from './report';
import { type Bench, type Failure, type Outcome, type Row } from './row';
import { ROWS } from './rows';
import { runRow } from './run-row';
import { Scope } from '../scratch/scope';
import { openServer } from '../scratch/server';
import { runTool, type Terminal } from '../scratch/terminal';

async function main(terminal: Terminal): Promise<number> {
  const options = readOptions(process.argv.slice(2), ROWS);
  if (options.action !== 'run') {
    process.stdout.write(options.action === 'help' ? HELP : listOf(ROWS));
    return 0;
  }
  const scope = new Scope(terminal.say);
  try {
    return await run(options, benchOf(options, scope, terminal));
  } finally {
    await scope.close();
  }
}

function benchOf(options: Options, scope: Scope, { signal, say }: Terminal): Bench {
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
    signal,
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
      bench.say(`${row.name}: left out: ${why}`);
      continue;
    }
    const result = await resultOf(row, bench);
    if (bench.signal.aborted) break;
    results.push(result);
    if (json) process.stdout.write(`${jsonLine(result)}\n`);
  }
  if (!json && results.length > 0) process.stdout.write(`\n${table(results)}`);
  return exitCodeOf(results);
}

/** A row that fails does not keep the others from running. */
async function resultOf(row: Row, bench: Bench): Promise<Outcome | Failure> {
  try {
    const outcome = await runRow(row, bench);
    bench.say(`${row.name}: done in ${outcome.seconds.toFixed(0)} s, ratio ${outcome.ratio.toFixed(2)}`);
    return outcome;
  } catch (error) {
    const failure = { row, error: error instanceof Error ? error.message : String(error) };
    if (!bench.signal.aborted) bench.say(`${row.name}: failed: ${failure.error}`);
    return failure;
  }
}

await runTool(HELP, main);
