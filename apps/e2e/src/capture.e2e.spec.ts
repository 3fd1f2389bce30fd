import { canonicalJson, hashOf } from '@factflow/domain';
import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get } from './testing/posting';
import { startSystem, type System } from './testing/system';

interface Payload {
  readonly key: string;
  readonly redacted: boolean;
  readonly content_type: string;
  readonly stored: boolean;
}
interface Shown {
  readonly input_hash: string;
  readonly input_payload: Payload | null;
  readonly output_payload: Payload | null;
}

let system: System;
let spool: string;
let services: TestProcess[];
beforeAll(async () => {
  system = await startSystem({ commandEnv: { FACTFLOW_PAYLOAD_MAX_BYTES: '10000' } });
}, 60_000);
afterAll(() => system?.stop(), 60_000);
beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), 'factflow-keeping-'));
  services = [];
});
afterEach(async () => {
  for (const service of services) service.signal('SIGKILL');
  await Promise.all(services.map(({ exit }) => exit));
  rmSync(spool, { recursive: true });
});

const start = (how: string, inputs: readonly string[] = []): TestProcess => {
  const program = join(__dirname, '../../../dist/apps/e2e/keeping-service.mjs');
  const env = { ENDPOINT: system.command.url, SPOOL: spool, HOW: how, INPUTS: JSON.stringify(inputs) };
  const service = startProcess(process.execPath, [program], { env });
  services.push(service);
  return service;
};
const recordOf = async (input: string): Promise<Shown | undefined> => {
  const { body } = await get<{ items: Shown[] }>(system.query.url, `/lineage?input_hash=${hashOf(input)}`);
  return body.items[0];
};
/** Waits until the record of an input is there, and its input is stored, or is not. */
const shown = (input: string, stored: boolean): Promise<Shown> =>
  eventually(
    async () => {
      const record = await recordOf(input);
      expect(record?.input_payload?.stored).toBe(stored);
      return record as Shown;
    },
    `the record of ${input.slice(0, 20)} with its input ${stored ? '' : 'not '}stored`,
  );
const bytesOf = async ({ key }: Payload): Promise<string> =>
  (await fetch(`${system.query.url}/api/v1/storage/${key}`)).text();

it('bytes of a service that was killed right after the call are stored by the next, and its record says so', async () => {
  const input = 'killed right after';
  await start('kill', [input]).exit;
  start('idle');
  const { input_hash: hash, input_payload: payload, output_payload: output } = await shown(input, true);
  expect(payload).toEqual({
    key: hash,
    redacted: false,
    content_type: 'text/plain; charset=utf-8',
    stored: true,
  });
  expect(await bytesOf(payload as Payload)).toBe(input);
  expect(await bytesOf(output as Payload)).toBe(canonicalJson({ characters: input.length }));
  await eventually(
    () => readdirSync(join(spool, readdirSync(spool)[0] as string)).length <= 1,
    'the folder to go',
  );
});

it('bytes recorded while the command app is away are stored when it is back', async () => {
  await system.command.kill();
  const service = start('idle', ['away']);
  await service.waitForOutput(/"waiting":2/);
  await system.command.restart();
  expect(await bytesOf((await shown('away', true)).input_payload as Payload)).toBe('away');
  await service.waitForOutput(/"waiting":0,"waitingBytes":0,"stored":2,"lost":0/);
});

it('what the store refuses is counted as lost, and its record says that it is not stored', async () => {
  const large = 'large'.repeat(3_000);
  const service = start('idle', [large, 'small']);
  await service.waitForOutput(/"waiting":0,"waitingBytes":0,"stored":3,"lost":1/);
  const { input_payload: payload } = await shown(large, false);
  expect((await fetch(`${system.query.url}/api/v1/storage/${payload?.key}`)).status).toBe(404);
  await shown('small', true);
});

it('redacted bytes have a digest of their own, and nothing else leaves the process', async () => {
  const input = 'the password is SECRET';
  await start('idle', [input]).waitForOutput(/"waiting":0,"waitingBytes":0,"stored":2/);
  const { input_hash: hash, input_payload: payload } = await shown(input, true);
  expect(hash).toBe(hashOf(input));
  expect(payload).toMatchObject({ key: hashOf('the password is ***'), redacted: true });
  expect((await fetch(`${system.query.url}/api/v1/storage/${hash}`)).status).toBe(404);
  expect(await bytesOf(payload as Payload)).toBe('the password is ***');
});

it('bytes are stored while the main thread of their service is in an endless loop', async () => {
  start('spin', ['endless']);
  expect(await bytesOf((await shown('endless', true)).input_payload as Payload)).toBe('endless');
});
