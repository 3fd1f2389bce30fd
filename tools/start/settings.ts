import { isAbsolute, join } from 'node:path';

/** Thrown for what the person at the terminal can mend; the message says how. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What `npm start` was asked to do. */
export interface Settings {
  /** Stop after the example. */
  readonly exit: boolean;
  /** The example has an adapter that fails on part of its input. */
  readonly broken: boolean;
  /** A server of one's own; none: the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Address the apps listen on. */
  readonly host: string;
  readonly commandPort: number;
  readonly queryPort: number;
  /** Folder the example audits; none: what is installed here. */
  readonly directory: string | undefined;
}

export const USAGE = `npm start [-- [--exit] [--break] [DIRECTORY]]

  --exit      stop everything after the example has run
  --break     run the example with an adapter that has a bug, to be found, mended and proved mended
  DIRECTORY   audit the packages below this folder instead of those installed here`;

const FLAGS = new Set(['--exit', '--break']);

/** @throws {StartError} for an unknown option or a variable that is not a port */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): Settings {
  const unknown = args.find((arg) => arg.startsWith('-') && !FLAGS.has(arg));
  const [directory, ...more] = args.filter((arg) => !arg.startsWith('-'));
  if (unknown !== undefined || more.length > 0) throw new StartError(`Usage: ${USAGE}`);
  const commandPort = portOf(env, 'FACTFLOW_COMMAND_PORT', 4001);
  const queryPort = portOf(env, 'FACTFLOW_QUERY_PORT', 4000);
  if (commandPort === queryPort) {
    throw new StartError('FACTFLOW_COMMAND_PORT and FACTFLOW_QUERY_PORT must differ.');
  }
  return {
    exit: args.includes('--exit'),
    broken: args.includes('--break'),
    databaseUrl: env['DATABASE_URL'] || undefined,
    host: env['FACTFLOW_HOST'] || '127.0.0.1',
    commandPort,
    queryPort,
    directory:
      directory === undefined || isAbsolute(directory) ? directory : join(workingDirectory, directory),
  };
}

function portOf(env: Readonly<Record<string, string | undefined>>, name: string, fallback: number): number {
  const text = env[name] || String(fallback);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new StartError(`${name} must be a port, a number from 1 to 65535.`);
  return port;
}

/** URL under which this machine reaches an app that listens on `host`. */
export function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
