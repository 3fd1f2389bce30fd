import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `usage: main.mjs [directory] [--report FILE] [--break]
       main.mjs --serve [--break]
  directory       whose installed packages are audited; the current one unless given
  --report FILE   where the report goes: JSON if the name ends in .json, else Markdown
  --serve         audits nothing, and takes the messages of replays until it is stopped
  --break         with an adapter that fails on some packages nothing is wrong with`;

/** Everything the service is told from outside. */
export interface Config {
  /** with an adapter that has a bug */
  readonly broken: boolean;
  /** audits nothing, and stays to take the messages of replays */
  readonly serve: boolean;
  readonly directory: string;
  readonly reportFile: string;
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly structuredLog: string;
  /** false: nothing is spooled */
  readonly spoolDirectory: string | false;
  readonly flushTimeoutMs: number;
}

/** What is wrong with the arguments or the environment, one problem a line. */
export class UsageError extends Error {}

/**
 * Reads arguments and environment, completely.
 * @throws UsageError naming every problem
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): Config {
  const { positionals, values } = readArguments(argv);
  const { report, serve = false, break: broken = false } = values;
  const problems: string[] = [];
  if (positionals.length > 1) problems.push(`one directory at most, not ${positionals.length}`);
  if (serve && (positionals.length > 0 || report !== undefined))
    problems.push('--serve takes neither a directory nor a report: it audits nothing');
  const endpoint = env['FACTFLOW_ENDPOINT'] || 'http://127.0.0.1:4001';
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    problems.push('FACTFLOW_ENDPOINT must be an http or https address');
  const flushTimeoutMs = Number(env['FACTFLOW_FLUSH_TIMEOUT_MS'] || 10_000);
  if (!Number.isInteger(flushTimeoutMs) || flushTimeoutMs < 0 || flushTimeoutMs > 2 ** 31 - 1)
    problems.push('FACTFLOW_FLUSH_TIMEOUT_MS must be a number of milliseconds');
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const run = randomUUID();
  const spoolDirectory = env['FACTFLOW_SPOOL_DIRECTORY'];
  return Object.freeze({
    broken,
    serve,
    directory: resolve(positionals[0] ?? '.'),
    reportFile: resolve(report ?? join(tmpdir(), `licence-audit-${run}.md`)),
    endpoint,
    token: env['FACTFLOW_TOKEN'] || undefined,
    structuredLog: resolve(env['FACTFLOW_STRUCTURED_LOG'] || join(tmpdir(), `licence-audit-${run}.ndjson`)),
    spoolDirectory: spoolDirectory ? resolve(spoolDirectory) : false,
    flushTimeoutMs,
  });
}

const OPTIONS = {
  report: { type: 'string' },
  serve: { type: 'boolean' },
  break: { type: 'boolean' },
} as const;

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
