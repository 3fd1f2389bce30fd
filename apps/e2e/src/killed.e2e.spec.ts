import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factflowJson } from './testing/cli';
import { get } from './testing/posting';
import { startSystem, type System } from './testing/system';

interface Told {
  readonly recorderId: string;
  readonly executionId: string;
  readonly wholeId: string;
  readonly pendingId: string;
  readonly headers: object;
}

let system: System;
let spool: string;
let services: TestProcess[];
beforeAll(async () => {
  system = await startSystem();
}, 60_000);
afterAll(() => system?.stop(), 60_000);
beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), 'factflow-killed-'));
  services = [];
});
afterEach(async () => {
  for (const service of services) service.signal('SIGKILL');
  await Promise.all(services.map(({ exit }) => exit));
  rmSync(spool, { recursive: true });
});

const start = (how: string, headers: object = {}): TestProcess => {
  const program = join(__dirname, '../../../dist/apps/e2e/killed-service.mjs');
  const env = { ENDPOINT: system.command.url, SPOOL: spool, HOW: how, HEADERS: JSON.stringify(headers) };
  const service = startProcess(process.execPath, [program], { env });
  services.push(service);
  return service;
};
/** What a service told before it ended. */
async function toldBy(service: TestProcess): Promise<Told> {
  await service.exit;
  return JSON.parse(/told (.*)\n/.exec(service.stdout)?.[1] ?? 'null') as Told;
}
interface Completeness {
  readonly state: string;
  readonly reason: string;
  readonly ranges: readonly object[];
}
const completenessOf = async (id: string): Promise<Completeness> =>
  (await get<{ completeness: Completeness }>(system.query.url, `/executions/${id}`)).body.completeness;
const recorderOf = async (id: string): Promise<object> =>
  (await get<object>(system.query.url, `/recorders/${id}`)).body;

it('of a process killed with everything answered, what is whole is proven and what is pending is stalled, once the next starts', async () => {
  const { recorderId, executionId, wholeId, pendingId } = await toldBy(start('answered'));
  expect(await completenessOf(wholeId)).toMatchObject({ state: 'open' });
  start('idle');
  await eventually(
    async () => expect(await completenessOf(wholeId)).toMatchObject({ state: 'proven' }),
    'the execution to be proven',
  );
  expect(await recorderOf(recorderId)).toMatchObject({
    state: 'gone',
    queued: 0,
    spooled: 0,
    gaps: 0,
    lost: 0,
  });
  const stalled = await factflowJson<{ items: { id: string }[] }>(
    system.query.url,
    ...['lineage', 'list', '--execution', executionId, '--stalled'],
  );
  expect(stalled.items.map(({ id }) => id)).toEqual([pendingId]);
});

it('of a process killed with facts in memory only, nothing is proven: the execution is lossy', async () => {
  const { executionId, headers } = await toldBy(start('start'));
  await system.command.kill();
  const { recorderId } = await toldBy(start('memory', headers));
  await system.command.restart();
  start('idle');
  const completeness = await eventually(async () => {
    const found = await completenessOf(executionId);
    expect(found.state).toBe('lossy');
    return found;
  }, 'the execution to be lossy');
  expect(completeness.reason).toContain('they may be in its structured log or spool');
  expect(completeness.ranges).toMatchObject([{ recorder_id: recorderId }]);
  expect(await recorderOf(recorderId)).toMatchObject({ state: 'gone', lost: 1, gaps: 0 });
}, 60_000);
