import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from './cli-error';
import type { Context } from './context';
import { durationOf } from './option-values';
import type { Options } from './options';

export type OutputFormat = 'table' | 'json' | 'jsonl';
export type TimeFormat = 'relative' | 'iso';

/** How a command runs: what flags, variables and the configuration file say, in this precedence. */
export interface Settings {
  readonly output: OutputFormat;
  readonly timeFormat: TimeFormat;
  readonly color: boolean;
  /** Width to fit into; undefined where lines may be as long as they like. */
  readonly columns: number | undefined;
  readonly url: string;
  readonly commandUrl: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
}

const KEYS = ['url', 'command-url', 'token', 'timeout', 'output', 'time-format'] as const;
type Key = (typeof KEYS)[number];

const variableOf = (key: Key): string => `FACTFLOW_${key.toUpperCase().replace('-', '_')}`;

/** @throws CliError (usage) naming the flag, variable or file that is wrong */
export function readSettings(context: Context, options: Options): Settings {
  const { environment, stdout } = context;
  const file = readFile(environment);
  const elsewhere = <T>(key: Key, read: (text: string) => T | undefined, expected: string): T | undefined => {
    const variable = environment[variableOf(key)];
    const [text, source] = variable
      ? [variable, variableOf(key)]
      : [file.values[key], `${file.path}: ${key}`];
    if (text === undefined) return undefined;
    const value = read(text);
    if (value === undefined) throw usageError(`${source} must be ${expected}.`);
    return value;
  };
  const setting = (
    key: Key,
    flag: string | undefined,
    read: (text: string) => string | undefined,
    expected: string,
  ) => {
    if (flag === undefined) return elsewhere(key, read, expected);
    const value = read(flag);
    if (value === undefined) throw usageError(`--${key} must be ${expected}.`);
    return value;
  };
  const oneOf =
    (...words: string[]) =>
    (text: string) =>
      words.find((word) => word === text);
  const output = setting('output', options.output, oneOf('table', 'json', 'jsonl'), 'table, json or jsonl');
  const timeFormat = setting('time-format', options.timeFormat, oneOf('relative', 'iso'), 'relative or iso');
  const url = (key: Key, flag: string | undefined) => setting(key, flag, readUrl, URL_EXPECTED);
  return Object.freeze({
    output: outputOf(output, stdout.isTTY === true, options.follow === true),
    timeFormat: (timeFormat ?? 'relative') as TimeFormat,
    color: stdout.isTTY === true && options.color !== false && allowsColor(environment),
    columns: stdout.isTTY === true ? stdout.columns || 80 : undefined,
    url: url('url', options.url) ?? 'http://127.0.0.1:4000',
    commandUrl: url('command-url', options.commandUrl) ?? 'http://127.0.0.1:4001',
    token: setting('token', options.token, readToken, 'printable ASCII without spaces'),
    timeoutMs:
      options.timeout ?? elsewhere('timeout', readDuration, 'a length of time such as 30s') ?? 30_000,
  });
}

const URL_EXPECTED = 'an http or https address without name and password, such as http://127.0.0.1:4000';

/** Whether somebody at a terminal wants colour. */
const allowsColor = (environment: Context['environment']): boolean =>
  !environment.NO_COLOR && environment.TERM !== 'dumb';

function outputOf(given: string | undefined, terminal: boolean, follow: boolean): OutputFormat {
  if (follow && given === 'json') {
    throw usageError(
      '--follow has no end, and a JSON document needs one.',
      'Use -o jsonl: one document a line.',
    );
  }
  const elsewhere = follow ? 'jsonl' : 'json';
  return (given as OutputFormat | undefined) ?? (terminal ? 'table' : elsewhere);
}

function readUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  return text.replace(/\/+$/, '');
}

const readToken = (text: string): string | undefined => (/^[\x21-\x7e]+$/.test(text) ? text : undefined);

function readDuration(text: string): number | undefined {
  try {
    return durationOf(text);
  } catch {
    return undefined;
  }
}

interface ConfigFile {
  readonly path: string;
  readonly values: Partial<Record<Key, string>>;
}

/** The file that FACTFLOW_CONFIG names must be there; the one in the home directory may be. */
function readFile(environment: Context['environment']): ConfigFile {
  const home = environment.HOME || environment.USERPROFILE;
  const named = environment.FACTFLOW_CONFIG || undefined;
  const path = named ?? (home ? join(home, '.config/factflow/config.json') : undefined);
  if (path === undefined) return { path: '', values: {} };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (named === undefined && (code === 'ENOENT' || code === 'ENOTDIR')) return { path, values: {} };
    throw usageError(`The configuration file ${path} cannot be read (${code}).`);
  }
  return { path, values: parse(path, text) };
}

function parse(path: string, text: string): ConfigFile['values'] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw usageError(`The configuration file ${path} is not JSON.`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw usageError(`The configuration file ${path} must hold a JSON object.`);
  }
  for (const [key, value] of Object.entries(values)) {
    if (!KEYS.some((known) => known === key)) {
      throw usageError(`${path}: ${key} is not known.`, `Known are ${KEYS.join(', ')}.`);
    }
    if (typeof value !== 'string') throw usageError(`${path}: ${key} must be text in quotes.`);
  }
  return values;
}
