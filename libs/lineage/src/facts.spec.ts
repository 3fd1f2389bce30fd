import { hashOf, LIMITS, newId } from '@factflow/domain';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { createLineageTwin } from './lineage-twin';
import type { LineageRecorder } from './recorder';
import { fingerprint } from './fingerprint';
import { hostileOptions, hostileValue } from './testing/hostile';

const SILENT = { log: () => undefined, warn: () => undefined };

/** Calls everything there is with whatever comes. */
function useEverything(lineage: LineageRecorder, [a, b, c]: readonly unknown[], options: unknown): void {
  const execution = lineage.startExecution(
    fieldsOf({ name: a, replayOf: b, fromStage: c, metadata: a, id: b }),
  );
  const record = execution.register(options as never);
  record.start();
  record.registerChild(options as never).complete(fieldsOf({ output: a, outputHash: b, metadata: c }));
  record.registerChild(fieldsOf({ route: a, adapter: b, input: c })).fail(a, fieldsOf({ metadata: b }));
  record.registerChild(fieldsOf({ route: 'r', adapter: 'a' })).cancel(a as never, fieldsOf({ metadata: c }));
  lineage.resume(a, fieldsOf({ attempt: b, metadata: c, otherwise: options })).start();
  lineage.resume(record.headers(), fieldsOf({ attempt: 2, metadata: a })).fail(b);
  lineage.resume({ 'factflow-lineage': a }, b as never).headers();
  expect(lineage.run(options as never, () => 7)).toBe(7);
  record.complete(a as never);
  execution.fail(b);
}

const fieldsOf = (fields: object): never => fields as never;

describe('facts', () => {
  it('are accepted by the command app whatever they are made of, and nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostileValue, { minLength: 3, maxLength: 3 }),
        hostileOptions,
        async (values, options) => {
          const twin = createLineageTwin({ logger: SILENT });
          useEverything(
            twin.recorder,
            values.map((make) => make()),
            options(),
          );
          const events = await twin.events();
          expect(twin.sink.rejections).toEqual([]);
          expect(events).toHaveLength(twin.recorder.status().sequence);
          expect(events.map(({ source }) => source?.sequence)).toEqual(events.map((_, index) => index + 1));
          await twin.recorder.close();
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('are recorded whatever the clock of the service has become, and no call throws or rejects', async () => {
    const reading = fc.constantFrom<(() => unknown)[]>(
      () => undefined,
      () => NaN,
      () => Infinity,
      () => -1,
      () => 1e300,
      () => 10n,
      () => 'now',
      () => {
        throw new Error('no clock');
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 20 }), async (readings) => {
        let read = 0;
        const clock = jest
          .spyOn(Date, 'now')
          .mockImplementation(() => readings[(read += 1) % readings.length]?.() as number);
        try {
          const twin = createLineageTwin({ logger: SILENT });
          const { recorder } = twin;
          useEverything(recorder, ['a', 'b', 'c'], { route: 'r', adapter: 'a', input: 1 });
          const record = recorder.startExecution({ name: 'clock' }).register({ route: 'r', adapter: 'a' });
          record.start();
          const resumed = recorder.resume(record.headers());
          expect(resumed.recorded).toBe(true);
          expect(recorder.run({ record: resumed }, () => recorder.current())).toBe(resumed);
          expect(recorder.status()).toMatchObject({ recorderId: recorder.id, ignored: 0 });
          await expect(recorder.flush()).resolves.toMatchObject({ complete: true });
          await expect(recorder.settle()).resolves.toBe(true);
          await expect(recorder.close()).resolves.toMatchObject({ complete: true });
          expect(twin.sink.rejections).toEqual([]);
          expect(twin.sink.events).toHaveLength(recorder.status().sequence);
        } finally {
          clock.mockRestore();
        }
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('hash messages as the domain does, and say where they cannot', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        expect(fingerprint(value)).toBe(hashOf(value));
      }),
    );
    expect(fingerprint(Buffer.from('ä'))).toBe(hashOf('ä'));
    expect(fingerprint(new Uint8Array([1, 2]).buffer)).toBe(hashOf(new Uint8Array([1, 2])));
    expect(fingerprint({ at: new Date(0), gone: undefined })).toBe(
      hashOf({ at: '1970-01-01T00:00:00.000Z' }),
    );
    expect(fingerprint({ f: () => 1 })).toMatch(/^approx-sha256:[0-9a-f]{64}$/);
    expect(fingerprint(new Map([[1, 2]]))).toMatch(/^approx-sha256:/);
    expect(fingerprint(new Map([[1, 2]]))).not.toBe(fingerprint(new Map([[1, 3]])));
    expect(fingerprint({ body: Buffer.from('a') })).not.toBe(fingerprint({ body: Buffer.from('b') }));
    expect(fingerprint(Readable.from([]))).toBe('unhashed:Readable');
    expect(fingerprint(undefined)).toBeUndefined();
  });

  it('leave visible marks where they were made to fit', async () => {
    const twin = createLineageTwin();
    const execution = twin.recorder.startExecution({ name: 'audit' });
    const other = twin.recorder.startExecution({ name: 'other' }).register({ route: 'r', adapter: 'a' });
    const record = execution.register({
      route: 'r'.repeat(300),
      adapter: '',
      id: 'seven',
      batchId: 'eight',
      parents: [other],
      metadata: { text: 'x'.repeat(100_000), kept: 1, odd: NaN },
    });
    const row = await twin.record(record);
    expect(row.routeId).toBe(`${'r'.repeat(LIMITS.nameCharacters - 1)}…`);
    expect(row).toMatchObject({ adapterName: '[no adapter]', parentId: null, batchId: null });
    expect(row.metadata).toMatchObject({
      kept: 1,
      odd: 'NaN',
      text: expect.stringMatching(/…\s\[100000 characters\]$/),
      lineage_marks: {
        id: 'not an id: seven',
        batchId: 'not an id: eight',
        parent: expect.stringContaining('of another execution'),
      },
    });
  });

  it('take as many parents as an event holds, and name the number of those left out', async () => {
    const twin = createLineageTwin();
    const ids = Array.from({ length: LIMITS.joinedParents + 3 }, () => newId());
    const join = twin.recorder
      .startExecution({ name: 'join' })
      .register({ route: 'r', adapter: 'a', parents: ids });
    const row = await twin.record(join);
    expect(row.parentIds).toHaveLength(LIMITS.joinedParents + 1);
    expect(row.metadata).toEqual({ lineage_marks: { parents: '2 left out' } });
  });

  it('tell an error by class, message, traceback and causes', async () => {
    class LicenceMissing extends Error {}
    const twin = createLineageTwin();
    const execution = twin.recorder.startExecution({ name: 'errors' });
    const failWith = async (thrown: unknown): Promise<unknown> => {
      const record = execution.register({ route: 'r', adapter: 'a' });
      record.fail(thrown);
      return (await twin.record(record)).error;
    };
    expect(await failWith(new LicenceMissing('none', { cause: new TypeError('deep') }))).toEqual({
      class: 'LicenceMissing',
      message: 'none',
      traceback: expect.stringMatching(/none[^]*Caused by: TypeError: deep/),
    });
    expect(await failWith('text')).toEqual({ class: 'string', message: 'text' });
    expect(await failWith(undefined)).toEqual({ class: 'undefined', message: 'undefined' });
    expect(await failWith({ code: 7 })).toEqual({ class: 'Object', message: '{"code":7}' });
  });

  it('stay acceptable when the clock is far behind the id of the execution', async () => {
    const twin = createLineageTwin();
    const tomorrow = (Date.now() + 20 * 60 * 60 * 1000).toString(16).padStart(12, '0');
    const id = `${tomorrow.slice(0, 8)}-${tomorrow.slice(8)}-7000-8000-000000000000`;
    expect(twin.recorder.startExecution({ name: 'ahead', id }).id).toBe(id);
    const farAhead = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    expect(twin.recorder.startExecution({ name: 'far ahead', id: farAhead }).id).not.toBe(farAhead);
    expect(await twin.events()).toHaveLength(2);
  });
});
