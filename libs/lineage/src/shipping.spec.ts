import { LIMITS } from '@factflow/domain';
import { eventually } from '@factflow/testing';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineageTwin } from './lineage-twin';
import { readOptions, type LineageOptions } from './options';
import { createLineageRecorder, type LineageRecorder } from './recorder';
import type { Sink } from './sink';
import { CommandApp, type Behaviour } from './testing/command-app';
import { bundleWorker } from './testing/bundle';
import { RememberingLogger } from './testing/outgoing';

const AT = { route: 'documents', adapter: 'chunker' };

describe('a recorder', () => {
  const programs = mkdtempSync(join(tmpdir(), 'lineage-worker-'));
  let workerFile: string;
  let folder: string;
  let app: CommandApp;
  let logger: RememberingLogger;
  const recorders: LineageRecorder[] = [];
  const path = (): string => join(folder, 'structured.ndjson');
  const lines = (file = path()): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const make = (options: Partial<LineageOptions> = {}): LineageRecorder => {
    const recorder = createLineageRecorder({
      endpoint: app.endpoint,
      logger,
      structuredLog: path(),
      flushTimeoutMs: 20_000,
      spoolDirectory: false,
      workerFile,
      batch: { delayMs: 1 },
      retry: { initialDelayMs: 1, maxDelayMs: 20 },
      ...options,
    });
    recorders.push(recorder);
    return recorder;
  };
  const record = (recorder: LineageRecorder, count: number): void => {
    const execution = recorder.startExecution({ name: 'spec' });
    for (let made = 1; made < count; made += 1) execution.register(AT);
  };

  beforeAll(() => {
    workerFile = bundleWorker(programs);
  }, 60_000);
  afterAll(() => rmSync(programs, { recursive: true }));
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lineage-ship-'));
    app = await CommandApp.start();
    logger = new RememberingLogger();
  });
  afterEach(async () => {
    await app.stop();
    await Promise.all(recorders.splice(0).map((recorder) => recorder.close()));
    rmSync(folder, { recursive: true });
  });

  it('ships by itself, and is acknowledged', async () => {
    const recorder = make();
    record(recorder, 3);
    expect(recorder.status()).toMatchObject({ queued: 3, acknowledged: 0, sequence: 3, connected: null });
    await eventually(() => recorder.status().acknowledged === 3, 'the acknowledgement');
    expect(recorder.status()).toMatchObject({
      queued: 0,
      queuedBytes: 0,
      lost: 0,
      connected: true,
      lastError: null,
    });
    // One request, unless this thread stood still between the facts.
    expect(app.requests.reduce((sum, { lines }) => sum + lines, 0)).toBe(3);
  });

  it('sends children before their parent’s end', async () => {
    const recorder = make();
    const parent = recorder.startExecution({ name: 'spec' }).register(AT);
    for (let child = 0; child < 5; child += 1) parent.registerChild(AT);
    parent.complete();
    await recorder.flush();
    expect(app.events).toHaveLength(8);
    expect(app.events.at(-1)?.type).toBe('record.completed');
  });

  it('loses and doubles nothing and keeps the order, whatever goes wrong on the way', async () => {
    const behaviour = fc.constantFrom<Behaviour[]>(
      'well',
      'store and cut',
      'cut',
      'hang',
      'not json',
      'other json',
      'wrong count',
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 500 },
      { status: 401 },
      { status: 413 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { maxLength: 12 }),
        fc.integer({ min: 1, max: 60 }),
        async (bad, count) => {
          const server = await CommandApp.start();
          server.next.push(...bad);
          const recorder = make({
            endpoint: server.endpoint,
            requestTimeoutMs: 60,
            batch: { maxEvents: 16, delayMs: 0 },
          });
          record(recorder, count);
          await Promise.resolve();
          record(recorder, count);
          // A 413 for a batch of one rejects it: it is told of. It may be stored all the same, by a request whose
          // answer was cut off.
          expect(await recorder.flush()).toEqual({ complete: true, queued: 0 });
          const { acknowledged, rejected, lost } = recorder.status();
          expect(acknowledged + rejected).toBe(2 * count);
          expect(lost).toBe(0);
          const sequences = server.events.map(({ source }) => source?.sequence ?? 0);
          expect(sequences.length).toBeGreaterThanOrEqual(acknowledged);
          expect(sequences.length).toBeLessThanOrEqual(acknowledged + rejected);
          expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
          await recorder.close();
          await server.stop();
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it('halves what is too large, and grows again', async () => {
    app.maxLines = 10;
    const recorder = make({ batch: { maxEvents: 100, delayMs: 0 } });
    record(recorder, 100);
    expect(await recorder.flush()).toEqual({ complete: true, queued: 0 });
    expect(app.events).toHaveLength(100);
    app.maxLines = Infinity;
    record(recorder, 500);
    await recorder.flush();
    expect(Math.max(...app.requests.map((request) => request.lines))).toBe(100);
  });

  it('tries an absent command app with little, and sends more and more when it is back', async () => {
    app.always = 'cut';
    const recorder = make({ batch: { maxEvents: 1_000, delayMs: 0 } });
    record(recorder, 3_000);
    await eventually(() => app.requests.length > 3, 'some tries');
    app.always = 'well';
    expect(await recorder.flush()).toEqual({ complete: true, queued: 0 });
    const sizes = app.requests.map((request) => request.lines);
    expect(sizes[3]).toBe(100);
    expect(Math.max(...sizes.slice(3))).toBe(1_000);
  });

  it('isolates an event the command app refuses: told of with the reason, the others stored', async () => {
    const recorder = make({ batch: { maxEvents: 64, delayMs: 0 } });
    app.poison = 'poisonous';
    record(recorder, 20);
    recorder.startExecution({ name: 'poisonous' });
    record(recorder, 20);
    expect(await recorder.flush()).toEqual({ complete: true, queued: 0 });
    expect(recorder.status()).toMatchObject({ acknowledged: 40, rejected: 1, lost: 0 });
    await recorder.close();
    expect(lines(`${path()}.rejected`).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        code: 'refused',
        message: 'answered 400',
        event: expect.objectContaining({ type: 'execution.started' }),
      },
    ]);
    const rejections = logger.messages.filter((message) => message.includes('rejected'));
    expect(rejections).toEqual([expect.stringMatching(/^1 event rejected.*refused, answered 400$/)]);
  });

  it('keeps an event the command app rejects for the structured log, with code and message', async () => {
    const rejecting: Sink = {
      target: 'spec',
      send: (batch) =>
        Promise.resolve({
          kind: 'accepted',
          rejected: [
            { index: batch.length - 1, code: 'event_id_conflict', message: 'stored with other content' },
          ],
        }),
      close: () => undefined,
    };
    const recorder = make({ sink: rejecting });
    record(recorder, 3);
    await recorder.close();
    expect(recorder.status()).toMatchObject({ acknowledged: 2, rejected: 1 });
    expect(lines(`${path()}.rejected`)).toEqual([expect.stringContaining('"code":"event_id_conflict"')]);
  });

  it('waits as long as the command app asks, and flush gives up before that, saying so', async () => {
    app.always = { status: 503, headers: { 'retry-after': '60' } };
    const recorder = make({ flushTimeoutMs: 300 });
    record(recorder, 1234);
    expect(await recorder.flush()).toEqual({ complete: false, queued: 1234 });
    expect(logger.messages).toContainEqual(
      `waiting up to 0.3 s for the command app at ${app.endpoint} (1,234 events queued)`,
    );
    const asked = { connected: false, lastError: { message: 'answered 503', at: expect.any(Date) as Date } };
    await eventually(() => expect(recorder.status()).toMatchObject(asked), 'the answer');
    await recorder.flush();
    expect(app.requests).toHaveLength(1);
  });

  it.each([
    ['nobody answers', 'hang'],
    ['nobody is there', 'cut'],
  ] as const)(
    'waits once where %s: close after a flush in vain has no more to wait for',
    async (_name, how) => {
      app.always = how;
      const recorder = make({ flushTimeoutMs: 1_000, spoolDirectory: join(folder, 'spool') });
      record(recorder, 5);
      expect(await recorder.flush()).toEqual({ complete: false, queued: 5 });
      expect(await recorder.close()).toEqual({ complete: false, queued: 5 });
      const waits = logger.messages.filter((message) => message.startsWith('waiting up to'));
      expect(waits).toHaveLength(1);
      const { spoolFolder, ...status } = recorder.status();
      expect(status).toMatchObject({ queued: 5, spooled: 5, atRisk: 0, mainThreadAgeMs: 0, state: 'closed' });
      expect(status.queuedBytes).toBe(status.spooledBytes);
      expect(readdirSync(spoolFolder ?? '')).toContain('00000001.ndjson');
      app.always = 'well';
      const next = make({ flushTimeoutMs: 20_000, spoolDirectory: join(folder, 'spool') });
      await eventually(() => next.status().adopted === 5, 'what was left');
      await next.close();
      expect(next.status()).toMatchObject({ queued: 0, queuedBytes: 0, spooledBytes: 0, spoolFolder: null });
    },
  );

  it('puts what the buffer cannot hold into the structured log, from where it can be posted', async () => {
    app.always = 'cut';
    const recorder = make({ buffer: { maxEvents: 10 } });
    record(recorder, 25);
    expect(recorder.status()).toMatchObject({ queued: 10, lost: 15, lostRanges: [[11, 25]], unlogged: 0 });
    app.always = 'well';
    await recorder.flush();
    record(recorder, 2);
    await recorder.close();
    expect(recorder.status()).toMatchObject({ acknowledged: 12, lost: 15, sequence: 27 });
    expect(app.store(lines())).toEqual({ accepted: 15, duplicates: 0, rejected: [] });
    expect(new Set(app.events.map(({ source }) => source?.sequence)).size).toBe(27);
    const warnings = logger.messages.filter((message) => message.startsWith('the buffer is full'));
    expect(warnings).toEqual([
      `the buffer is full: 1 event lost so far, now 11 to 11, on their way to the structured log (${path()})`,
    ]);
  });

  it('bounds the buffer by bytes too', async () => {
    app.always = 'cut';
    const recorder = make({ buffer: { maxBytes: 2000 }, flushTimeoutMs: 50 });
    record(recorder, 100);
    expect(recorder.status().queuedBytes).toBeLessThanOrEqual(2000);
    expect(recorder.status().queued + recorder.status().lost).toBe(100);
  });

  it('gives the structured log what is left at the end, and everything after it', async () => {
    app.always = 'cut';
    const recorder = make({ flushTimeoutMs: 100 });
    record(recorder, 5);
    expect(await recorder.close()).toEqual({ complete: false, queued: 5 });
    record(recorder, 2);
    expect(await recorder.close()).toEqual({ complete: false, queued: 5 });
    await eventually(() => lines().length === 7, 'the later events');
    expect(recorder.status()).toMatchObject({ queued: 0, lost: 7, lostRanges: [[1, 7]], closed: true });
    expect(logger.messages).toContainEqual(
      `5 events not acknowledged by the command app, given to the structured log (${path()})`,
    );
    expect(app.store(lines())).toMatchObject({ accepted: 7 });
  });

  it('counts what cannot be written either, and goes on', async () => {
    const recorder = make({ endpoint: 'nowhere', structuredLog: join('/dev/null', 'log') });
    record(recorder, 5);
    await recorder.close();
    expect(recorder.status()).toMatchObject({ lost: 5, unlogged: 5, target: null });
    expect(logger.messages).toEqual([
      expect.stringContaining('endpoint must be'),
      expect.stringContaining('could not be written to the structured log'),
    ]);
  });

  it('does not say that the structured log has what it does not take', async () => {
    app.always = 'cut';
    const log = join('/dev/null', 'log');
    const recorder = make({ structuredLog: log, flushTimeoutMs: 50 });
    record(recorder, 5);
    await recorder.close();
    expect(recorder.status()).toMatchObject({ queued: 0, lost: 5, unlogged: 5 });
    expect(logger.messages).not.toContainEqual(expect.stringContaining('given to the structured log'));
    expect(logger.messages).toContainEqual(
      `5 events not acknowledged by the command app and lost: 5 events could not be written to the structured log (${log})`,
    );
  });

  it('takes a default for every option that makes no sense, and says so once', () => {
    make({
      batch: { maxEvents: LIMITS.batchEvents + 1 },
      buffer: null as never,
      flushTimeoutMs: NaN,
      token: 7 as never,
      sink: {} as never,
    });
    expect(logger.messages).toHaveLength(1);
    for (const name of ['batch.maxEvents', 'flushTimeoutMs', 'token', 'sink'])
      expect(logger.messages[0]).toContain(`${name} must`);
    expect(readOptions(undefined).problems).toHaveLength(1);
  });

  it('survives a logger and a sink that throw', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const recorder = make({
      logger: { log: broken, warn: broken },
      sink: { target: 'spec', send: broken, close: () => undefined },
      flushTimeoutMs: 50,
    });
    record(recorder, 2);
    expect(await recorder.close()).toEqual({ complete: false, queued: 2 });
    expect(recorder.status()).toMatchObject({ lost: 2, lastError: { message: 'Error: broken' } });
  });

  it('flushes at once when there is nothing to flush', async () => {
    await expect(make().flush()).resolves.toEqual({ complete: true, queued: 0 });
    const twin = createLineageTwin();
    await expect(twin.recorder.close()).resolves.toEqual({ complete: true, queued: 0 });
  });
});
