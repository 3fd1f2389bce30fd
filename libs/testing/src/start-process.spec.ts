import { eventually } from './eventually';
import { startProcess } from './start-process';

const node = (program: string, options: Parameters<typeof startProcess>[2] = {}) =>
  startProcess(process.execPath, ['-e', program], options);

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('captures both streams and the exit code', async () => {
  const child = node(`console.log('to out'); console.error('to err'); process.exitCode = 3`);
  await expect(child.exit).resolves.toEqual({ code: 3, signal: null });
  expect([child.stdout, child.stderr]).toEqual(['to out\n', 'to err\n']);
});

test('waits for a line and gives the groups of its pattern', async () => {
  const child = node(`setTimeout(() => console.log('listening on 4711'), 20); setInterval(() => {}, 1000)`);
  const [, port] = await child.waitForOutput(/listening on (\d+)/);
  expect(port).toBe('4711');
  await expect(child.stop()).resolves.toEqual({ code: null, signal: 'SIGTERM' });
});

test('a process that ends without the awaited line is reported at once, with what it said', async () => {
  const child = node(`console.error('no database'); process.exitCode = 1`);
  const waiting = child.waitForOutput('ready', { timeoutMs: 60_000 });
  await expect(waiting).rejects.toThrow(/ended with exit code 1 before it printed \/ready\/[^]*no database/);
});

test('a program that is not there is reported, not waited for', async () => {
  const child = startProcess('/no/such/program');
  await expect(child.waitForOutput('ready')).rejects.toThrow('ENOENT');
});

test('lays variables over its own environment, and takes them away', async () => {
  const program = `console.log(process.env.GIVEN, process.env.TAKEN, typeof process.env.PATH)`;
  process.env['TAKEN'] = 'still here';
  const child = node(program, { env: { GIVEN: 'here', TAKEN: undefined } });
  await child.exit;
  expect(child.stdout).toBe('here undefined string\n');
});

test('what does not heed SIGTERM is killed after the grace period', async () => {
  const child = node(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`);
  await child.waitForOutput('up');
  await expect(child.stop(50)).resolves.toEqual({ code: null, signal: 'SIGKILL' });
});

test('a signal to the group reaches the children of the process too', async () => {
  const program = `
    const { spawn } = require('node:child_process');
    const inner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    console.log('inner ' + inner.pid);
    setInterval(() => {}, 1000);`;
  const child = node(program, { ownGroup: true });
  const inner = Number((await child.waitForOutput(/inner (\d+)/))[1]);
  child.signalGroup('SIGINT');
  await expect(child.exit).resolves.toEqual({ code: null, signal: 'SIGINT' });
  await eventually(() => !runs(inner), 'the inner process to end');
});

test('reads what is written to it', async () => {
  const child = node(`process.stdin.once('data', (d) => { console.log('got ' + d); process.exit(0); })`);
  child.write('a line');
  await child.waitForOutput('got a line');
  await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
});
