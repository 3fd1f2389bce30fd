// Runs one target of every project through Nx: offline, without daemon, prompt or terminal interface.
// usage: node tools/start/nx.mjs [--quiet] <target> [option of nx run-many ...]
// --quiet: one line when it goes well, the whole output when it does not.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

const args = process.argv.slice(2);
const quiet = args[0] === '--quiet';
const [target, ...options] = quiet ? args.slice(1) : args;
const started = Date.now();
const { status, stdout, error } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/nx/dist/bin/nx.js'),
    'run-many',
    `--targets=${target}`,
    '--outputStyle=static',
    ...options,
  ],
  {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'],
    maxBuffer: 256 * 1024 * 1024,
    encoding: 'utf8',
  },
);
if (error) throw error;
const seconds = ((Date.now() - started) / 1000).toFixed(1);
if (quiet && status === 0) console.log(`nx ${target}: done in ${seconds} s`);
if (quiet && status !== 0) console.error(stdout);
process.exitCode = status ?? 1;
