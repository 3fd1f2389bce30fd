import { createApi } from './api';
import type { Context } from './context';
import type { Options } from './options';
import { Printer } from './printer';
import type { Session } from './session';
import { readSettings } from './settings';

/** @param command what was typed, with the options that it needs */
export function openSession(context: Context, options: Options, command: string): Session {
  const settings = readSettings(context, options);
  const printer = new Printer(context, settings);
  return { context, settings, options, printer, api: createApi(context, settings, command) };
}
