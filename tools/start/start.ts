// npm start: a database, the two apps, the example pipeline, and what to try next. Ctrl-C stops all of it.
import { resolve } from 'node:path';
import { run } from './run';
import { readSettings, StartError } from './settings';

const root = resolve(import.meta.dirname, '../..');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // npm passes on what the terminal has sent already: the second one means nothing.
  process.on(signal, () => interruption.abort());
}
// A terminal that is gone must not keep the rest from being stopped.
process.stdout.on('error', () => undefined);

try {
  const settings = readSettings(process.argv.slice(2), process.env, process.env['INIT_CWD'] ?? process.cwd());
  process.exitCode = await run(settings, { root, out: process.stdout, signal: interruption.signal });
} catch (error) {
  console.error(error instanceof StartError ? `\n${error.message}` : error);
  process.exitCode = 1;
}
