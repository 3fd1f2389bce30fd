import { parseArgs } from 'node:util';
import { namedOf, UsageError } from '../scratch/usage';
import { goalText, type Row } from './row';

/** What `npm run bench` was asked to do. */
export interface Options {
  /** in the order of the table */
  readonly rows: readonly Row[];
  readonly action: 'run' | 'list' | 'help';
  readonly json: boolean;
  readonly scale: number;
  readonly runs: number | undefined;
  readonly profileDir: string | undefined;
}

export const HELP = `npm run bench [-- [OPTION ...] [ROW ...]]

Measures the named rows, or all, each against its baseline in the same run, on a scratch PostgreSQL: an embedded one, or
scratch databases on the server that DATABASE_URL names.

  --json          JSON lines on standard output instead of a table
  --list          names the rows
  --runs N        pairs of runs instead of a row's own number
  --scale X       shrinks (below 1) the data of the rows, to try one out; the goals are meant for 1
  --profile DIR   leaves CPU profiles of the apps in this folder
  --help          this text

Exit code: 0 when every goal is met, 1 when one is missed or a row fails, 2 for wrong usage, 130 after Ctrl-C.
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  runs: { type: 'string' },
  scale: { type: 'string' },
  profile: { type: 'string' },
} as const;

/** @throws {UsageError} for unknown options and rows, and numbers that are none */
export function readOptions(args: readonly string[], known: readonly Row[]): Options {
  const { values, positionals } = parse(args);
  return {
    rows: namedOf('row', known, positionals),
    action: values.help ? 'help' : values.list ? 'list' : 'run',
    json: values.json,
    scale: numberOf('--scale', values.scale, (n) => n > 0 && n <= 1, 'above 0, at most 1') ?? 1,
    runs: numberOf('--runs', values.runs, (n) => Number.isSafeInteger(n) && n > 0, 'a whole number from 1'),
    profileDir: values.profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function numberOf(
  option: string,
  text: string | undefined,
  fits: (value: number) => boolean,
  must: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !fits(value)) throw new UsageError(`${option} must be ${must}, not ${text}`);
  return value;
}

/** The rows there are, one a line. */
export function listOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map((row) => `${row.name.padEnd(width)}  ${goalText(row.goal).padEnd(6)}  ${row.measure}\n`)
    .join('');
}
