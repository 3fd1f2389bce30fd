import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, processStart, refOf, thisProcess } from './process-ref';
import { deadlineIn, poll } from './wait';

test('this process runs, and was always the same', () => {
  expect(isRunning(thisProcess())).toBe(true);
  expect(thisProcess()).toEqual(thisProcess());
});

test('another process of the same number is another process', () => {
  expect(isRunning({ ...thisProcess(), started: 'at another time' })).toBe(false);
});

test('a process that has ended does not run, collected by its parent or not', async () => {
  // The shell becomes a program that never collects its child.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(line.toString());
    expect(await poll(deadlineIn(10_000), () => processStart(child) === undefined || undefined)).toBe(true);
    const ref = refOf(parent.pid ?? 0);
    expect(isRunning(ref)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(isRunning(ref)).toBe(false);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('numbers that are none are no processes', () => {
  expect([NaN, 0, -1, 1.5].map(processStart)).toEqual([undefined, undefined, undefined, undefined]);
});
