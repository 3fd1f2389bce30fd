import { toWire, type LineageEvent } from '@factflow/domain';
import { anId, executionStarted, registered } from '@factflow/domain/testing';
import { startProcess, type TestProcess } from '@factflow/testing';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factflow } from './testing/cli';
import { get } from './testing/posting';
import { programOf, startSystem, type System } from './testing/system';

let system: System;
let folder: string;
beforeAll(async () => {
  system = await startSystem();
  folder = await mkdtemp(join(tmpdir(), 'factflow-import-'));
  await addPackage('.', { name: 'shop', license: 'MIT' });
  await addPackage('node_modules/left-pad', { name: 'left-pad', license: 'WTFPL' });
}, 60_000);
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function addPackage(path: string, manifest: object): Promise<void> {
  const package_ = join(folder, 'tree', path);
  await mkdir(package_, { recursive: true });
  await writeFile(join(package_, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));
  await writeFile(join(package_, 'LICENSE'), 'Do what you want.');
}

interface Counts {
  readonly read: number;
  readonly inserted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly skipped: number;
}

/** Runs the import; its counts must be all that is on stdout. */
async function importing(
  ...args: string[]
): Promise<{ code: number | null; stderr: string; counts: Counts }> {
  const { code, stdout, stderr } = await factflow(
    system.query.url,
    'lineage',
    'import',
    ...args,
    '--command-url',
    system.command.url,
  );
  return { code, stderr, counts: JSON.parse(stdout || 'null') as Counts };
}

/** Audits the tree while the command app is away; what the service says of its execution. */
function audit(env: Readonly<Record<string, string>>): TestProcess {
  const report = join(folder, 'report.md');
  return startProcess(process.execPath, [programOf('example'), join(folder, 'tree'), '--report', report], {
    env: { FACTFLOW_ENDPOINT: system.command.url, ...env },
  });
}

/** The only segment of the only spool. */
function segmentIn(spools: string): string {
  const names = readdirSync(spools, { recursive: true, encoding: 'utf8' });
  const [segment] = names.filter((name) => /\d{8}\.ndjson$/.test(name)) as [string];
  return join(spools, segment);
}

interface Execution {
  readonly completion: string;
  readonly completeness: { readonly state: string; readonly reason: string; readonly advice: string | null };
}
const execution = async (id: string): Promise<Execution> =>
  (await get<Execution>(system.query.url, `/executions/${id}`)).body;

describe('a service whose process was killed while the command app was away', () => {
  let spools: string;
  let id: string;
  beforeAll(async () => {
    spools = join(folder, 'spools');
    await system.command.kill();
    const service = audit({ FACTFLOW_SPOOL_DIRECTORY: spools, FACTFLOW_FLUSH_TIMEOUT_MS: '600000' });
    await service.waitForOutput(/waiting up to/);
    id = /"execution_id":"([^"]+)"/.exec(readFileSync(segmentIn(spools), 'utf8'))?.[1] as string;
    const live = await importing(spools);
    expect({ code: live.code, read: live.counts.read }).toEqual({ code: 0, read: 0 });
    expect(live.stderr).toMatch(/left out: its process runs, and ships it/);
    service.signal('SIGKILL');
    await service.exit;
    await cp(spools, join(folder, 'damaged'), { recursive: true });
    const away = await importing(spools);
    expect({ code: away.code, counts: away.counts }).toEqual({ code: 4, counts: null });
    expect(away.stderr).toContain('Importing again is safe');
    await system.command.restart();
  }, 60_000);

  it('is brought in from a damaged copy of its spool as far as that goes, which shows as incomplete', async () => {
    const path = segmentIn(join(folder, 'damaged'));
    const second = readFileSync(path).indexOf('\n') + 20;
    const fd = openSync(path, 'r+');
    writeSync(fd, '!', second);
    closeSync(fd);
    const { code, counts } = await importing(join(folder, 'damaged'));
    expect({ code, ...counts }).toMatchObject({ code: 1, rejected: 0, skipped: 1, duplicates: 0 });
    expect((await execution(id)).completeness.state).toBe('open');
  });

  it('is complete when its spool is imported, and stays so when it is imported again', async () => {
    const first = await importing(spools);
    expect({ code: first.code, stderr: first.stderr, ...first.counts }).toMatchObject({
      code: 0,
      stderr: '',
      inserted: 1,
      rejected: 0,
      skipped: 0,
    });
    const shown = await execution(id);
    expect(shown).toMatchObject({ completion: 'done', completeness: { state: 'proven', advice: null } });
    const again = await importing(spools);
    expect({ code: again.code, ...again.counts }).toMatchObject({
      code: 0,
      inserted: 0,
      duplicates: first.counts.read,
    });
    expect(await execution(id)).toEqual(shown);
  });
});

it('a service without a spool leaves a structured log, which is imported', async () => {
  await system.command.kill();
  const log = join(folder, 'lineage.ndjson');
  const service = audit({
    FACTFLOW_SPOOL_DIRECTORY: '',
    FACTFLOW_STRUCTURED_LOG: log,
    FACTFLOW_FLUSH_TIMEOUT_MS: '200',
  });
  await service.exit;
  await system.command.restart();
  const { code, counts } = await importing(log);
  expect({ code, ...counts }).toMatchObject({ code: 0, duplicates: 0, rejected: 0, skipped: 0 });
  const id = /^execution (\S+)$/m.exec(service.stdout)?.[1] as string;
  expect((await execution(id)).completion).toBe('done');
  expect((await importing(log)).counts).toMatchObject({ inserted: 0, duplicates: counts.inserted });
}, 30_000);

it('a large log is imported with little memory, and so is one that is a single line', async () => {
  const at = { executionId: anId() };
  const log = join(folder, 'large.log');
  const line = (event: LineageEvent): string => `${JSON.stringify(toWire(event))}\n`;
  const fd = openSync(log, 'w');
  writeSync(fd, line(executionStarted(at, { name: 'large' })));
  for (let n = 1; n < 100_000; n += 1) writeSync(fd, line(registered(anId(), at)));
  // A hole, which takes no room on the disk: 400 MiB without a line break.
  ftruncateSync(fd, fstatSync(fd).size + 400 * 1024 * 1024);
  closeSync(fd);
  const measure = `data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))`;
  const child = startProcess(
    process.execPath,
    ['--import', measure, programOf('cli'), 'lineage', 'import', log, '--command-url', system.command.url],
    { env: { FACTFLOW_CONFIG: undefined, HOME: '/nonexistent' } },
  );
  const { code } = await child.exit;
  expect({ code, ...(JSON.parse(child.stdout) as Counts) }).toMatchObject({
    code: 1,
    inserted: 100_000,
    skipped: 1,
  });
  // Kilobytes. Node alone takes 50 MiB; the file has more than 400.
  expect(Number(/peak (\d+)/.exec(child.stderr)?.[1])).toBeLessThan(320 * 1024);
  expect((await execution(at.executionId)).completion).toBe('running');
}, 120_000);
