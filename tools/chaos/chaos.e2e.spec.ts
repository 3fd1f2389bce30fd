import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS } from './scenarios';

const PROGRAM = join(__dirname, '../../dist/tools/chaos.mjs');

const chaos = (...args: string[]): TestProcess => startProcess(process.execPath, [PROGRAM, ...args]);
const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('factflow-chaos-'));

describe('npm run chaos', () => {
  it('breaks everything in its short form, and every call that returned is stored once', async () => {
    const running = chaos('--short', '--json');
    const { code } = await running.exit;
    const lines = running.stdout
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.map(({ name, held, error, problems }) => ({ name, held, error, problems }))).toEqual(
      SCENARIOS.map(({ name }) => ({ name, held: true, problems: [] })),
    );
    for (const { returned, stored, duplicates, destroyed, unaccounted } of lines) {
      expect({ stored, duplicates, unaccounted }).toEqual({
        stored: Number(returned) - Number(destroyed),
        duplicates: 0,
        unaccounted: 0,
      });
      expect(returned).toBeGreaterThan(0);
    }
    const { lost, imported } = lines.find(({ name }) => name === 'disk-full') ?? {};
    expect(lost).toBeGreaterThan(0);
    expect(imported).toBe(lost);
    expect(code).toBe(0);
  }, 300_000);

  it('names what there is when asked for a scenario that is not there', async () => {
    const running = chaos('kil');
    expect(await running.exit).toEqual({ code: 2, signal: null });
    expect(running.stderr).toMatch(/No such scenario: kil\. There are: kill, .*, sigterm\./);
    expect(running.stdout).toBe('');
  });

  it('leaves nothing behind at Ctrl-C', async () => {
    const before = leftovers();
    const running = chaos('sigterm');
    await eventually(() => leftovers().length > before.length, 'a scenario to run', { timeoutMs: 60_000 });
    running.signal('SIGINT');
    expect((await running.exit).code).toBe(130);
    expect(running.stderr).toContain('Interrupted');
    expect(running.stderr).not.toContain('could not');
    expect(leftovers()).toEqual(before);
  }, 120_000);
});
