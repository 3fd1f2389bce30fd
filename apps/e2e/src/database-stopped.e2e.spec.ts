import {
  cutOffProxy,
  eventually,
  scratchDatabase,
  startProcess,
  type CutOffProxy,
  type ScratchDatabase,
  type TestProcess,
} from '@factflow/testing';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAll, postBody } from './testing/posting';
import { programOf, startSystem, type System } from './testing/system';

const PACKAGES = 40;

let database: ScratchDatabase;
let proxy: CutOffProxy;
let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'factflow-outage-'));
  for (let n = 0; n < PACKAGES; n++) {
    const path = join(folder, 'tree/node_modules', `package-${n}`);
    await mkdir(path, { recursive: true });
    await writeFile(
      join(path, 'package.json'),
      JSON.stringify({ name: `package-${n}`, version: '1.0.0', license: 'MIT' }),
    );
    await writeFile(join(path, 'LICENSE'), 'MIT License');
  }
  database = await scratchDatabase();
  const direct = new URL(database.url);
  proxy = await cutOffProxy({ host: direct.hostname, port: Number(direct.port) });
  const through = new URL(database.url);
  through.hostname = '127.0.0.1';
  through.port = String(proxy.port);
  system = await startSystem({ databaseUrl: database.url, commandDatabaseUrl: through.href });
});
afterAll(async () => {
  await system.stop();
  await proxy.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const audit = (log: string, flushTimeoutMs: number, spool?: string): TestProcess =>
  startProcess(
    process.execPath,
    [programOf('example'), join(folder, 'tree'), '--report', join(folder, 'report.md')],
    {
      env: {
        FACTFLOW_ENDPOINT: system.command.url,
        FACTFLOW_FLUSH_TIMEOUT_MS: String(flushTimeoutMs),
        FACTFLOW_STRUCTURED_LOG: log,
        FACTFLOW_SPOOL_DIRECTORY: spool,
      },
    },
  );

/** Every package went through discover, parse, check-licence and find-text. */
async function isWhole(execution: string): Promise<void> {
  const records = await getAll<Record<string, unknown>>(
    system.query.url,
    `/lineage?execution_id=${execution}`,
  );
  const texts = records.filter((record) => record['adapter_name'] === 'find-text');
  expect(texts.map((record) => record['completion'])).toEqual(Array.from({ length: PACKAGES }, () => 'done'));
}

const executionOf = (output: string): string => /^execution (\S+)$/m.exec(output)?.[1] as string;

describe('with the database stopped, the example', () => {
  afterEach(() => proxy.restore());

  it('does its work, says that it waits, and everything is there when the database is back in time', async () => {
    proxy.cut();
    const log = join(folder, 'in-time.ndjson');
    const child = audit(log, 60_000);
    await child.waitForOutput(/Audited 4\d packages/);
    await eventually(
      () => expect(child.stderr + child.stdout).toMatch(/waiting up to 60 s/),
      'the process to say that it waits',
    );
    proxy.restore();
    expect(await child.exit).toMatchObject({ code: 0 });
    await isWhole(executionOf(child.stdout));
  }, 120_000);

  it('leaves the rest in its structured log, and posting that file brings it back', async () => {
    proxy.cut();
    const log = join(folder, 'given-up.ndjson');
    const child = audit(log, 500);
    await child.exit;
    const execution = executionOf(child.stdout);
    expect(child.stdout).toMatch(/Audited 4\d packages/);
    proxy.restore();
    const lines = await readFile(log, 'utf8');
    await eventually(async () => {
      expect(await postBody(system.command.url, lines)).toMatchObject({
        status: 200,
        body: { rejected: [] },
      });
    }, 'the command app to take the structured log');
    await isWhole(execution);
  }, 120_000);

  it('leaves the rest in its spool, from where the next run brings it', async () => {
    proxy.cut();
    const [log, spool] = [join(folder, 'never.ndjson'), join(folder, 'spool')];
    const first = audit(log, 500, spool);
    await first.exit;
    expect(first.stdout).toMatch(/events stay in the spool \(.*\), for the next run to deliver/);
    proxy.restore();
    const second = audit(log, 60_000, spool);
    expect(await second.exit).toMatchObject({ code: 0 });
    await isWhole(executionOf(second.stdout));
    await eventually(
      async () => {
        await audit(log, 60_000, spool).exit;
        await isWhole(executionOf(first.stdout));
      },
      'the facts of the first run',
      { timeoutMs: 60_000 },
    );
    const recorders = await getAll<{ state: string }>(system.query.url, '/recorders');
    expect(recorders.map(({ state }) => state)).toContain('closed');
    expect(existsSync(log)).toBe(false);
  }, 120_000);
});
