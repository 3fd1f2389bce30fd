import { StartupError } from './startup-error';

/** Reads the text of a variable; `undefined` when it is not of the expected form. */
export interface ValueReader<T> {
  /** Completes "NAME must be …". */
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
}

/** One setting: where it comes from, its form, and its value when the variable is unset (none: it is required). */
export interface Variable<T> {
  readonly variable: string;
  readonly reader: ValueReader<T>;
  readonly fallback: T | undefined;
  readonly required: boolean;
}

type ConfigOf<S> = { readonly [K in keyof S]: S[K] extends Variable<infer T> ? T : never };

/** Several settings may be wrong at once: `problems` has one line each. */
export class ConfigError extends StartupError {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(['The configuration is not valid:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** A setting that must be given. */
export const required = <T>(variable: string, reader: ValueReader<T>): Variable<T> => ({
  variable,
  reader,
  fallback: undefined,
  required: true,
});

/** A setting that may be left out; `fallback` may be `undefined`. */
export const optional = <T, F extends T | undefined>(
  variable: string,
  reader: ValueReader<T>,
  fallback: F,
): Variable<T | F> => ({ variable, reader, fallback, required: false });

/**
 * Reads a whole configuration, once. An empty variable counts as unset.
 * @throws {ConfigError} naming every variable that is missing or wrong; values, which may be secrets, are not repeated
 */
export function readConfig<S extends Record<string, Variable<unknown>>>(
  spec: S,
  env: Readonly<Record<string, string | undefined>>,
): ConfigOf<S> {
  const problems: string[] = [];
  const entries = Object.entries(spec).map(([name, { variable, reader, fallback, required: must }]) => {
    const text = env[variable]?.trim();
    if (!text) {
      if (must) problems.push(`${variable} must be set: ${reader.expected}`);
      return [name, fallback];
    }
    const value = reader.read(text);
    if (value === undefined) problems.push(`${variable} must be ${reader.expected}`);
    return [name, value];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(Object.fromEntries(entries)) as ConfigOf<S>;
}

/** A whole number from `min` to `max`, both included. */
export const integer = ({ min, max }: { min: number; max: number }): ValueReader<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  read: (text) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

/** A TCP port; 0 lets the system choose one. */
export const port = (): ValueReader<number> => integer({ min: 0, max: 65_535 });

/** A host name or an address to listen on, without port. */
export const host = (): ValueReader<string> => ({
  expected: 'a host name or an IP address, without port, such as 127.0.0.1',
  read: (text) =>
    /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(text) ? text : undefined,
});

/** An absolute URL of one of the given schemes, such as `['postgres', 'postgresql']`. */
export const url = (schemes: readonly string[]): ValueReader<string> => ({
  expected: `a URL such as ${schemes[0]}://host`,
  read: (text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    return parsed && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname ? text : undefined;
  },
});

/** Any text. */
export const text = (): ValueReader<string> => ({ expected: 'a text', read: (value) => value });

/** One of a few words. */
export const oneOf = <T extends string>(...words: readonly T[]): ValueReader<T> => ({
  expected: `one of ${words.join(', ')}`,
  read: (value) => words.find((word) => word === value),
});
