import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { serverSpawnOptions } from './command';
import { stopCommands, type ServerContext } from './server';
import { ownerFile, ownerRecord, type Ownership } from './ownership';
import { refOf } from './process-ref';

/** A process that stops the server when this one ends without having done so. */
export interface Watchdog {
  /** Lets it go without stopping anything. */
  dismiss(): void;
}

/*
 * Runs apart from everything here, so it is text: bundled or not, there is no file to find. The pipe to its stdin
 * closes when the parent ends, by SIGKILL too. It then becomes the next owner by the rule of ownership.ts (so a
 * process that took the server over meanwhile keeps it), stops the server and releases the data directory.
 */
const PROGRAM = `
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
let text = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('error', () => undefined);
process.stdin.on('close', () => {
  const [line, dismissed] = text.split('\\n');
  if (dismissed !== '') return;
  const job = JSON.parse(line);
  try {
    if (become(job)) work(job);
  } catch {
    process.exitCode = 1;
  }
});
function become({ folder, number, file, draft, stopping }) {
  fs.writeFileSync(draft, stopping);
  try {
    fs.linkSync(draft, file);
  } catch {
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  const higher = fs.readdirSync(folder).some((name) => Number((/^owner-(\\d+)\\.json$/.exec(name) ?? [])[1]) > number);
  if (higher) fs.rmSync(file, { force: true });
  return !higher;
}
function work({ folder, file, draft, released, programs, pgCtl, cluster, options, remove }) {
  for (const args of programs) {
    if (!fs.existsSync(path.join(cluster, 'postmaster.pid'))) break;
    if (spawnSync(pgCtl, args, { ...options, stdio: 'ignore' }).status === 0) break;
  }
  fs.writeFileSync(draft, released);
  fs.renameSync(draft, file);
  if (remove) fs.rmSync(folder, { recursive: true, force: true });
}
`;

/** Sets a watchdog on the server of this data directory; with `remove` it also removes the directory afterwards. */
export function startWatchdog(context: ServerContext, ownership: Ownership, remove: boolean): Watchdog {
  const { binaries, account, layout } = context;
  const { env, cwd } = serverSpawnOptions(account);
  const dog = spawn(process.execPath, ['-e', PROGRAM], {
    env,
    cwd,
    windowsHide: true,
    // Out of reach of Ctrl-C in the terminal, like the server.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  dog.on('error', () => undefined);
  const self = refOf(dog.pid ?? 0);
  const number = ownership.number + 1;
  const job = {
    folder: layout.folder,
    number,
    file: ownerFile(layout.folder, number),
    draft: join(layout.folder, `.owner-watchdog-${number}`),
    stopping: JSON.stringify(ownerRecord(layout.folder, 'stopping', self)),
    released: JSON.stringify(ownerRecord(layout.folder, 'released', self)),
    programs: stopCommands(layout.cluster),
    pgCtl: binaries.pgCtl,
    cluster: layout.cluster,
    options: serverSpawnOptions(account),
    remove,
  };
  const pipe = dog.stdin as Socket;
  // A watchdog that was killed must not take this process with it.
  pipe.on('error', () => undefined);
  pipe.write(`${JSON.stringify(job)}\n`);
  // Neither may keep a process alive that has nothing left to do.
  pipe.unref();
  dog.unref();
  return { dismiss: () => void pipe.end('dismissed\n') };
}
