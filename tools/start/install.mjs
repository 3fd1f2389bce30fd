// Makes node_modules what package-lock.json says, and says so; quiet when nothing is to do.
// Runs before anything is installed, also on a Node that is too old: built-ins only, no recent syntax or API.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Whether a Node version lies in a range made of `^a.b.c` and `>=a.b.c` joined by `||`, all that `engines` here uses.
 * @param {string} version such as `20.19.0`
 * @param {string} range such as `^20.19.0 || >=24.0.0`
 */
function accepts(version, range) {
  const actual = version.split('.').map(Number);
  return range.split('||').some((part) => {
    const [, operator, rest] = /^\s*(\^|>=)(\d+\.\d+\.\d+)\s*$/.exec(part) || [];
    if (!rest) throw new Error(`package.json: cannot read the engines range "${part}"`);
    const least = rest.split('.').map(Number);
    if (operator === '^' && actual[0] !== least[0]) return false;
    const differs = least.findIndex((number, index) => number !== actual[index]);
    return differs === -1 || actual[differs] > least[differs];
  });
}

/** @param {string} file relative to the workspace */
const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/**
 * Why an installation is needed, or nothing. Compares contents, since a checkout changes the times of files:
 * npm writes what it has put on disk to node_modules/.package-lock.json as its very last step.
 */
function reasonToInstall() {
  const wanted = readJson('package-lock.json').packages;
  let present;
  try {
    present = readJson('node_modules/.package-lock.json').packages;
  } catch {
    return 'node_modules is missing or incomplete';
  }
  const same = (/** @type {string} */ name) =>
    present[name]
      ? present[name].version === wanted[name].version && present[name].integrity === wanted[name].integrity
      : name === '' || wanted[name].optional; // binaries of other platforms stay away
  const current = Object.keys(wanted).every(same) && Object.keys(present).every((name) => wanted[name]);
  return current ? undefined : 'node_modules does not match package-lock.json';
}

/** @param {string} reason why, for the reader */
function install(reason) {
  console.log(`${reason}: running npm ci (about half a minute) ...`);
  const started = Date.now();
  const options = ['ci', '--include=dev', '--include=optional'];
  const cli = process.env.npm_execpath; // the npm that runs us, when one does
  const { status, error } = cli
    ? spawnSync(process.execPath, [cli, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    : spawnSync('npm', options, {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        shell: process.platform === 'win32', // npm is npm.cmd there
      });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status === 0) return console.log(`Installed in ${seconds} s.`);
  const cause = error ? error.message : `exit code ${status}`;
  console.error(
    `\nnpm ci failed after ${seconds} s (${cause}); its own message is above. Try:\n\n  npm ci\n`,
  );
  process.exit(1);
}

/**
 * Two installations at once destroy each other: the second waits, saying so. The lock of a process that is gone is
 * taken over.
 * @returns what gives the lock back
 */
function lock() {
  const file = join(root, '.factflow', 'install.lock');
  mkdirSync(join(root, '.factflow'), { recursive: true });
  for (let said = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      const unlock = () => rmSync(file, { force: true });
      process.on('exit', unlock);
      return unlock;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const owner = ownerOf(file);
    if (owner === undefined) rmSync(file, { force: true });
    else if (!said) console.log(`Process ${owner} is installing already: waiting for it ...`);
    said = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
}

/** @param {unknown} error of a system call */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** @param {string} file the lock; @returns the process that holds it, if it lives */
function ownerOf(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    process.kill(owner, 0);
    return owner;
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 0 : undefined;
  }
}

/** npm links the programs of dependencies only, and `npx factflow` looks for it among those. */
function linkCli() {
  const link = join(root, 'node_modules/.bin/factflow');
  if (existsSync(link)) return;
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  rmSync(link, { force: true });
  if (process.platform === 'win32') {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\apps\\cli\\bin\\factflow.mjs" %*\r\n');
  } else {
    symlinkSync('../../apps/cli/bin/factflow.mjs', link);
  }
}

const engines = readJson('package.json').engines;
if (!accepts(process.versions.node, engines.node)) {
  console.error(`This needs Node ${engines.node}, and ${process.execPath} is ${process.versions.node}.`);
  process.exit(1);
}
if (reasonToInstall()) {
  const unlock = lock();
  try {
    const reason = reasonToInstall(); // another start may have installed while this one waited
    if (reason) install(reason);
  } finally {
    unlock();
  }
}
linkCli();
