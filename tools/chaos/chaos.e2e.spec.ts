import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS } from './scenarios';

const PROGRAM = join(__dirname, '../../dist/tools/chaos.mjs');

const chaos = (args: readonly string[], env: Record<string, string> = {}): TestProcess =>
  startProcess(process.execPath, [PROGRAM, ...args], { env });

/** The command lines of everything that runs. */
const running = (): string => execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' });

describe('npm run chaos', () => {
  it('breaks everything in its short form, and every call that returned is stored once', async () => {
    const campaign = chaos(['--short', '--json']);
    const { code } = await campaign.exit;
    const lines = campaign.stdout
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
    const campaign = chaos(['kil']);
    expect(await campaign.exit).toEqual({ code: 2, signal: null });
    expect(campaign.stderr).toMatch(/No such scenario: kil\. There are: kill, .*, sigterm\./);
    expect(campaign.stdout).toBe('');
  });

  it('leaves nothing behind at Ctrl-C', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chaos-spec-'));
    // The embedded server may run as another user.
    chmodSync(folder, 0o755);
    const campaign = chaos(['database-stopped'], { TMPDIR: folder });
    const made = (): string[] => readdirSync(folder);
    await eventually(() => made().some((name) => name.startsWith('factflow-chaos-')), 'a scenario to run', {
      timeoutMs: 60_000,
    });
    await eventually(() => running().includes(folder), 'a pipeline to run');
    campaign.signal('SIGINT');
    expect((await campaign.exit).code).toBe(130);
    expect(campaign.stderr).toContain('Interrupted');
    expect(campaign.stderr).not.toContain('could not');
    expect(made()).toEqual([]);
    expect(running()).not.toContain(folder);
    rmdirSync(folder);
  }, 120_000);
});
