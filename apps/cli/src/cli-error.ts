/** Exit codes. */
export const EXIT = { fine: 0, failed: 1, usage: 2, notFound: 3, unreachable: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A reason not to go on, told as: what happened, what it means, what to type next. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    /** What happened. */
    message: string,
    readonly more: {
      /** What it means: whole sentences, a line each. */
      readonly meaning?: readonly string[];
      /** Commands to type next. */
      readonly next?: readonly string[];
    } = {},
  ) {
    super(message);
  }
}

/** The caller asked for something that has no meaning. */
export const usageError = (message: string, ...meaning: readonly string[]): CliError =>
  new CliError(EXIT.usage, message, { meaning });
