import { startProcess, type TestProcess } from '@factflow/testing';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, bundleWorker } from './testing/bundle';
import { CommandApp } from './testing/command-app';

/** Events the script records. */
const EVENTS = 11;

describe('at the end of the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lineage-exit-'));
  const script = join(folder, 'exit-script.mjs');
  const log = join(folder, 'structured.ndjson');
  let app: CommandApp;

  const run = (how: string, flushTimeoutMs = 10_000): TestProcess =>
    startProcess(process.execPath, [script, app.endpoint, log, how, String(flushTimeoutMs)]);
  const logged = (): string[] => readFileSync(log, 'utf8').split('\n').filter(Boolean);

  beforeAll(() => {
    bundle(join(__dirname, 'testing/exit-script.ts'), script);
    bundleWorker(folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    app = await CommandApp.start();
  });
  afterEach(async () => {
    await app.stop();
    rmSync(log, { force: true });
  });

  it('a service that just ends has its events shipped, and is not kept alive', async () => {
    const child = run('natural');
    await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
    expect(app.events).toHaveLength(EVENTS);
    expect(app.heartbeats.at(-1)?.body).toMatchObject({ highest_sequence: EVENTS, queued: 0, closed: true });
    expect(existsSync(log)).toBe(false);
  });

  it('a service that has nothing left to ship ends at once, its connection notwithstanding', async () => {
    const child = run('idle');
    await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
    expect(child.stdout).toBe('flushed, now idle\n');
    expect(app.events).toHaveLength(EVENTS);
  });

  it('without a command app it waits flushTimeoutMs, saying so, and leaves the rest in the structured log', async () => {
    app.always = { status: 503 };
    const child = run('natural', 300);
    await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
    expect(child.stderr).toContain(`lineage: waiting up to 0.3 s for the command app at ${app.endpoint}`);
    expect(child.stderr).toContain(`lineage: ${EVENTS} events not acknowledged`);
    expect(app.store(logged())).toEqual({ accepted: EVENTS, duplicates: 0, rejected: [] });
  });

  it.each([
    ['exit', 3],
    ['throw', 1],
  ])('nothing is lost when it ends without waiting: %s', async (how, code) => {
    const child = run(how);
    await expect(child.exit).resolves.toEqual({ code, signal: null });
    expect(app.store(logged())).toEqual({ accepted: EVENTS, duplicates: 0, rejected: [] });
    expect(child.stderr).toContain('given to the structured log');
  });
});
