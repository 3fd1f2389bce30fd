import { parseArgs } from 'node:util';
import { namedOf, UsageError } from '../scratch/usage';
import type { Scenario } from './scenario';

/** What `npm run chaos` was asked to do. */
export interface Options {
  /** in the order of the table */
  readonly scenarios: readonly Scenario[];
  readonly action: 'run' | 'list' | 'help';
  readonly json: boolean;
  readonly short: boolean;
  readonly kills: number | undefined;
}

export const HELP = `npm run chaos [-- [OPTION ...] [SCENARIO ...]]

Breaks the named things, or all, under a pipeline that records, and holds what the pipeline was told is recorded against
what is stored once everything is healed. On an embedded PostgreSQL and built apps of its own.

  --short     few and short repetitions, as in CI
  --kills N   how often the scenario kill kills
  --json      JSON lines on standard output instead of a table
  --list      names the scenarios
  --help      this text

Exit code: 0 when everything held, 1 when something did not or a scenario failed, 2 for wrong usage, 130 after Ctrl-C.
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  short: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  kills: { type: 'string' },
} as const;

/** @throws {UsageError} for unknown options and scenarios, and numbers that are none */
export function readOptions(args: readonly string[], known: readonly Scenario[]): Options {
  const { values, positionals } = parse(args);
  return {
    scenarios: namedOf('scenario', known, positionals),
    action: values.help ? 'help' : values.list ? 'list' : 'run',
    json: values.json,
    short: values.short,
    kills: readKills(values.kills),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readKills(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const kills = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(kills) && kills > 0) return kills;
  throw new UsageError(`--kills must be a whole number from 1, not ${text}`);
}

/** The scenarios there are, one a line. */
export function listOf(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return scenarios.map(({ name, breaks }) => `${name.padEnd(width)}  ${breaks}\n`).join('');
}
