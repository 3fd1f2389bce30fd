import { hashOf } from '@factflow/domain';
import { contentTypeOf } from '@factflow/journal';
import { eventually, type TestProcess } from '@factflow/testing';
import { existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandApp } from '../testing/command-app';
import { ServiceProcesses } from '../testing/service-processes';
import type { PayloadStatus } from './payload-outbox';

const inputOf = (made: number): string => `input ${made} ${'x'.repeat(made * 1_000)}`;
const keyOf = (made: number): string => hashOf(inputOf(made));
/** Of so many records: their inputs, and outputs. */
const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => [keyOf(n + 1), hashOf({ made: n + 1 })]).flat();

describe('a service that keeps messages', () => {
  const service = new ServiceProcesses('capture-script', {
    service: 'capture spec',
    requestTimeoutMs: 500,
    count: 3,
  });
  const run = service.run.bind(service);
  const folders = service.folders.bind(service);
  let app: CommandApp;

  const files = (): string[] =>
    folders()
      .map((folder) => join(folder, 'payloads'))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const statusOf = (child: TestProcess): { payloads: PayloadStatus; queued: number } => {
    const last = child.stdout
      .split('\n')
      .findLast((line) => line.startsWith('status {') && line.endsWith('}'));
    return JSON.parse(last?.slice('status '.length) ?? '{"payloads":{}}') as ReturnType<typeof statusOf>;
  };
  const becomes = (child: TestProcess, payloads: Partial<PayloadStatus>): Promise<void> =>
    eventually(() => expect(statusOf(child).payloads).toMatchObject(payloads), JSON.stringify(payloads));
  const storedKeys = (): string[] => [...app.payloads.keys()].sort();

  beforeAll(() => service.bundle());
  afterAll(() => service.remove());
  beforeEach(async () => {
    ({ app } = await service.open());
  });
  afterEach(() => service.close());

  it('loses no bytes to SIGKILL right after the call: the next service has them stored', async () => {
    await run('kill').exit;
    expect(files()).toHaveLength(6);
    const next = run('idle');
    await eventually(() => expect(folders()).toEqual([]), 'the folder to be taken away');
    expect(storedKeys()).toEqual(keysOf(3).sort());
    const stored = app.payloads.get(keyOf(2));
    expect(stored?.bytes.toString()).toBe(inputOf(2));
    expect(stored?.contentType).toBe(contentTypeOf('txt'));
    await becomes(next, { adopted: 6, waiting: 0, stored: 0 });
    const started = app.events.filter(({ type }) => type === 'record.registered');
    expect(started.map(({ data }) => data)).toMatchObject(
      [1, 2, 3].map((made) => ({
        inputHash: keyOf(made),
        inputPayload: { key: keyOf(made), redacted: false },
      })),
    );
  });

  it('tells how many payloads wait, and whoever adopts them goes on with that', async () => {
    app.payloadsAlways = { status: 503 };
    await run('kill').exit;
    const next = run('idle');
    const ofDead = (): number => app.heartbeats.findIndex(({ body }) => body['pid'] === 0);
    await eventually(() => expect(ofDead()).toBeGreaterThan(0), 'the dead recorder to be told of');
    const dead = app.heartbeats[ofDead()];
    expect(dead?.body['payloads']).toBe(0);
    const before = app.heartbeats.slice(0, ofDead()).filter(({ id }) => id !== dead?.id);
    expect(before.map(({ body }) => body['payloads'])).toContain(6);
    next.signal('SIGTERM');
    await next.exit;
    expect(app.heartbeats.at(-1)).toMatchObject({ id: before[0]?.id, body: { closed: true, payloads: 6 } });
  });

  it('leaves payloads to the next service where all its events were stored already', async () => {
    app.payloadsAlways = { status: 503 };
    const dead = run('count');
    await eventually(() => expect(statusOf(dead).queued).toBe(0), 'the events to be stored');
    expect(statusOf(dead).payloads).toMatchObject({ waiting: 6, stored: 0 });
    dead.signal('SIGKILL');
    await dead.exit;
    const second = run('idle');
    await eventually(() => expect(app.uploads.length).toBeGreaterThan(10), 'more attempts');
    second.signal('SIGTERM');
    await second.exit;
    expect(files()).toHaveLength(6);
    app.payloadsAlways = 'well';
    run('idle');
    await eventually(() => expect(folders()).toEqual([]), 'the folder to be taken away');
    expect(storedKeys()).toEqual(keysOf(3).sort());
  });

  it('leaves nothing behind of a killed one, however soon it ends itself', async () => {
    await run('kill', { count: 80 }).exit;
    // A disk that was slow meanwhile leaves some in memory, and those are gone.
    const left = files().length;
    expect(left).toBeGreaterThan(20);
    await run('short', { count: 1, flushTimeoutMs: 30_000, requestTimeoutMs: 10_000 }).exit;
    expect(folders()).toEqual([]);
    expect(app.payloads.size).toBeGreaterThanOrEqual(left);
  });

  it('uploads while its main thread is in an endless loop', async () => {
    run('spin');
    await eventually(() => expect(storedKeys()).toEqual(keysOf(3).sort()), 'the payloads');
  });

  it('holds events up by no payload, however it is answered, nor one payload by another', async () => {
    app.payloadsBy.set(keyOf(1), 'hang').set(keyOf(2), { status: 500 }).set(keyOf(3), 'other json');
    const child = run('count', { count: 20 });
    await eventually(() => app.uploads.length > 0, 'the first payload');
    await eventually(() => expect(app.events).toHaveLength(61), 'the events', { timeoutMs: 2_000 });
    await becomes(child, { stored: 37, waiting: 3, lost: 0 });
    app.payloadsBy.clear();
    await becomes(child, { stored: 40, waiting: 0, waitingBytes: 0 });
    expect(app.payloads.size).toBe(40);
    expect(files()).toEqual([]);
  });

  it('counts as lost what the command app will never take, and what is not there any more', async () => {
    app.payloadsBy.set(keyOf(1), { status: 413 });
    const child = run('count');
    await becomes(child, { stored: 5, waiting: 0, lost: 1 });
    expect(files()).toEqual([]);
    expect(child.stderr).toContain(
      `1 payload not stored by the command app so far, such as ${keyOf(1)}: answered 413`,
    );
    app.payloads.clear();
    app.payloadsBy.clear();
    app.payloadsAlways = { status: 503 };
    const other = run('count');
    await becomes(other, { waiting: 6 });
    const [damaged, ...rest] = files();
    truncateSync(damaged as string, 1);
    rest.slice(0, 2).forEach((file) => rmSync(file));
    // Two may be on their way as they were.
    const seen = app.uploads.length;
    await eventually(() => app.uploads.length > seen + 2, 'what was read since');
    app.payloadsAlways = 'well';
    await becomes(other, { stored: 3, lost: 3, waiting: 0, waitingBytes: 0 });
  });

  it('keeps what waits while the command app is away, says so at its end, and has it stored by the next', async () => {
    app.always = 'cut';
    app.payloadsAlways = 'cut';
    const child = run('count');
    await becomes(child, { waiting: 6, lost: 0 });
    child.signal('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(child.stderr).toContain('6 payloads not stored by the command app, kept in the spool');
    [app.always, app.payloadsAlways] = ['well', 'well'];
    run('idle');
    await eventually(() => expect(storedKeys()).toEqual(keysOf(3).sort()), 'the payloads');
    expect(app.events).toHaveLength(10);
  });

  it('leaves out what finds no room in the spool, and its records say so', async () => {
    app.payloadsAlways = { status: 503 };
    const child = run('count', { capture: { default: 'input', spool: { maxBytes: 4_000 } } });
    await becomes(child, { waiting: 2, skipped: 1 });
    await eventually(() => expect(app.events).toHaveLength(10), 'the events');
    const [, , third] = app.events.filter(({ type }) => type === 'record.registered');
    expect(third?.data).toMatchObject({
      inputHash: keyOf(3),
      metadata: { lineage_marks: { input_payload: 'not kept: the spool is full' } },
    });
    expect(third?.data).not.toHaveProperty('inputPayload');
  });

  it('keeps payloads in memory where it has no spool, and counts what its end takes along', async () => {
    const child = run('count', { spoolDirectory: false });
    await becomes(child, { stored: 6, waiting: 0 });
    app.payloadsAlways = { status: 503 };
    const other = run('count', { spoolDirectory: false, count: 4 });
    await becomes(other, { waiting: 8, stored: 0 });
    other.signal('SIGTERM');
    await other.exit;
    expect(other.stderr).toContain('8 payloads lost: the service ended, and there is no spool');
  });
});
