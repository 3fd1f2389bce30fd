import { cutOffProxy, type CutOffProxy } from '@factflow/testing';
import { resolve } from 'node:path';
import { startApp, type App } from '../scratch/apps';
import type { Scope } from '../scratch/scope';
import type { Terminal } from '../scratch/terminal';
import { openDatabase, type Database } from './database';

/** What the campaign breaks: a whole system of real processes. */
export interface Lab extends Terminal {
  readonly root: string;
  /** few and short repetitions */
  readonly short: boolean;
  /** how often `kill` kills; its own number unless given */
  readonly kills: number | undefined;
  readonly database: Database;
  readonly command: App;
  readonly query: App;
  /** stands before the command app: pipelines ship through it */
  readonly proxy: CutOffProxy;
}

/** Starts the database, the built apps and the proxy. */
export async function openLab(
  terminal: Terminal,
  scope: Scope,
  choice: Pick<Lab, 'short' | 'kills'>,
): Promise<Lab> {
  const root = resolve(import.meta.dirname, '../..');
  const surroundings = { root, signal: terminal.signal };
  terminal.say('starting a database and the apps ...');
  const database = await openDatabase(scope);
  const command = await startApp('command', database.url, surroundings, scope);
  const query = await startApp('query', database.url, surroundings, scope);
  const proxy = await cutOffProxy(command.url);
  scope.defer('close the proxy', () => proxy.close());
  return { ...terminal, ...choice, root, database, command, query, proxy };
}
