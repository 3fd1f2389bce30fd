import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { END_WITH_PARENT } from './service';

describe('a program started by npm start', () => {
  it('ends when its parent is gone, however that ended', async () => {
    const code = `console.log('up'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, [`--import=${END_WITH_PARENT}`, '-e', code], { stdio: 'pipe' });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdin.end(); // what the system does to the pipe of a parent that dies
    expect(await exit).toEqual([null, 'SIGTERM']);
  });

  it('is not kept alive by the watch for its parent', async () => {
    const child = spawn(process.execPath, [`--import=${END_WITH_PARENT}`, '-e', '0'], { stdio: 'pipe' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
