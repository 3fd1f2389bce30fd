import { anId, executionStarted } from '@factflow/domain/testing';
import { factflow, factflowJson, type CliResult } from './testing/cli';
import { store } from './testing/posting';
import { startSystem, type System } from './testing/system';

interface Shown {
  readonly id: string;
  readonly pinned: boolean;
}

let system: System;
beforeAll(async () => {
  system = await startSystem();
}, 60_000);
afterAll(() => system?.stop(), 60_000);

const pin = (verb: 'pin' | 'unpin', id: string, ...args: readonly string[]): Promise<CliResult> =>
  factflow(system.query.url, 'execution', verb, id, '--command-url', system.command.url, ...args);
const isPinned = async (id: string): Promise<boolean> =>
  (await factflowJson<Shown>(system.query.url, 'execution', 'get', id)).pinned;

describe('an execution pinned with the CLI', () => {
  it('shows as pinned until it is unpinned', async () => {
    const executionId = anId();
    await store(system.command.url, [executionStarted({ executionId })]);
    expect(await isPinned(executionId)).toBe(false);
    const { code, stdout } = await pin('pin', executionId, '--reason', 'an audit');
    expect({ code, pin: JSON.parse(stdout) as object }).toMatchObject({
      code: 0,
      pin: { execution_id: executionId, pinned: true, reason: 'an audit' },
    });
    expect(await isPinned(executionId)).toBe(true);
    const list = await factflowJson<{ items: Shown[] }>(system.query.url, 'execution', 'list');
    expect(list.items).toMatchObject([{ id: executionId, pinned: true }]);
    expect(await pin('unpin', executionId)).toMatchObject({ code: 0 });
    expect(await isPinned(executionId)).toBe(false);
  });

  it('has to be there, and the command app has to answer', async () => {
    const unknown = anId();
    expect(await pin('pin', unknown)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining(`There is no execution ${unknown}.`) as string,
    });
    // The query app knows no such route.
    expect(await pin('pin', unknown, '--command-url', system.query.url)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not the command app') as string,
    });
  });
});
