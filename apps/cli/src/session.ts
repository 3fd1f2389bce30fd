import type { Api } from './api';
import type { ExitCode } from './cli-error';
import type { Context } from './context';
import type { Options } from './options';
import type { Printer } from './printer';
import type { Settings } from './settings';

/** What the action of a command works with. */
export interface Session {
  readonly context: Context;
  readonly settings: Settings;
  readonly options: Options;
  readonly printer: Printer;
  readonly api: Api;
}

/** The action of a command; `id` is its argument, if it has one, and `rest` its second one, or the files it reads. */
export type Action = (session: Session, id: string, rest: readonly string[]) => Promise<ExitCode>;
