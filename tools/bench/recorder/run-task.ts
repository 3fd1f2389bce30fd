import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { END_WITH_PARENT } from '../../start/service';
import type { Bench } from '../row';
import type { Report, Task } from './task';

const run = promisify(execFile);

/** Does a task in a process of its own, with a folder of its own on the disk of temporary files. */
export async function runTask(bench: Bench, task: Omit<Task, 'folder'>): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'factflow-bench-recorder-'));
  try {
    const program = join(bench.root, 'dist/tools/bench-recorder.mjs');
    const args = [`--import=${END_WITH_PARENT}`, program, JSON.stringify({ ...task, folder })];
    const working = run(process.execPath, args, {
      signal: bench.signal,
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const { stdout } = await working;
    return JSON.parse(stdout) as Report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
