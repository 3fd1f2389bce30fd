import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { fingerprint } from '../fingerprint';
import { createLineageRecorder } from '../recorder';
import { createLineageTwin, type LineageTwin } from '../lineage-twin';
import type { LineageOptions } from '../options';
import { hostileValue } from '../testing/hostile';
import { RememberingLogger } from '../testing/outgoing';
import type { CaptureOptions, Redact } from './capture-options';

const PLACE = { route: 'documents', adapter: 'chunker' };
const marksOf = ({ metadata }: { metadata: unknown }): Record<string, string> | undefined =>
  (metadata as { lineage_marks?: Record<string, string> } | null)?.lineage_marks;

describe('capture', () => {
  let logger: RememberingLogger;
  const twinWith = (
    capture: CaptureOptions | undefined,
    options: Partial<LineageOptions> = {},
  ): LineageTwin => createLineageTwin({ logger, ...(capture && { capture }), ...options });

  beforeEach(() => {
    logger = new RememberingLogger();
  });

  it('keeps nothing unless it is asked to', async () => {
    const twin = twinWith(undefined);
    twin.recorder.run({ ...PLACE, input: 'a' }, () => 'b');
    const [record] = await twin.records();
    expect(record).toMatchObject({ inputPayload: null, outputPayload: null, metadata: null });
    expect(twin.sink.payloads.size).toBe(0);
    expect(twin.recorder.status().payloads).toEqual({
      waiting: 0,
      waitingBytes: 0,
      stored: 0,
      lost: 0,
      skipped: 0,
      adopted: 0,
    });
  });

  it('keeps the bytes under the digest that is the hash of the message, input and output', async () => {
    const twin = twinWith({ default: 'both' });
    const input = { b: 1, a: new Date(0) };
    twin.recorder.run({ ...PLACE, input }, () => Buffer.of(1, 2));
    const [record] = await twin.records();
    if (!record) throw new Error('no record');
    expect(record.inputPayload?.key).toBe(record.inputHash);
    expect(record.outputPayload).toEqual({
      key: `sha256:${hash('sha256', Buffer.of(1, 2))}`,
      redacted: false,
      contentType: 'application/octet-stream',
    });
    const kept = await twin.payloadOf(record);
    expect(kept).toMatchObject({ redacted: false, message: { a: '1970-01-01T00:00:00.000Z', b: 1 } });
    expect(kept?.bytes.toString()).toBe('{"a":"1970-01-01T00:00:00.000Z","b":1}');
    expect(await twin.payloadOf(record, 'output')).toMatchObject({ message: Buffer.of(1, 2) });
    expect(twin.recorder.status().payloads).toMatchObject({ waiting: 0, stored: 2, lost: 0, skipped: 0 });
  });

  it('is decided for the call, else for the adapter in its route, else for the adapter, else for the recorder', async () => {
    const twin = twinWith({
      default: 'input',
      adapters: { chunker: 'none', 'documents/chunker': { capture: 'both', maxBytes: 5 } },
    });
    const kept = async (options: object): Promise<unknown> => {
      const execution = twin.recorder.startExecution({ name: 'e' });
      const record = execution.register({ ...PLACE, input: 'input', ...options });
      record.complete({ output: 'output' });
      const { inputPayload, outputPayload, ...rest } = await twin.record(record);
      return [inputPayload !== null, outputPayload !== null, marksOf(rest)?.['output_payload']];
    };
    expect(await kept({ adapter: 'embedder' })).toEqual([true, false, undefined]);
    expect(await kept({ route: 'images' })).toEqual([false, false, undefined]);
    expect(await kept({})).toEqual([true, false, 'not kept: over 5 bytes']);
    expect(await kept({ maxPayloadBytes: 6 })).toEqual([true, true, undefined]);
    expect(await kept({ capture: 'none' })).toEqual([false, false, undefined]);
    expect(await kept({ route: 'images', capture: 'both' })).toEqual([true, true, undefined]);
  });

  it('keeps what the hook makes of a message, which is redacted where it differs, and never the message itself', async () => {
    const redact: Redact = (message, { side }) =>
      side === 'input' ? { ...(message as object), password: '***' } : message;
    const twin = twinWith({ default: 'both', redact });
    const input = { user: 'u', password: 'secret' };
    twin.recorder.run({ ...PLACE, input }, () => 'fine');
    const [record] = await twin.records();
    if (!record) throw new Error('no record');
    expect(record.inputHash).toBe(fingerprint(input));
    expect(record.inputPayload).toMatchObject({
      key: fingerprint({ ...input, password: '***' }),
      redacted: true,
    });
    expect(record.outputPayload).toMatchObject({ key: record.outputHash, redacted: false });
    const all = Buffer.concat([...twin.sink.payloads.values()]).toString();
    expect(all).not.toContain('secret');
    expect(JSON.stringify(await twin.events())).not.toContain('secret');
  });

  it('gives the hook a copy: what it does to that changes no message', async () => {
    const redact: Redact = (message) => {
      if (Buffer.isBuffer(message)) message.fill(0);
      else delete (message as { password?: string }).password;
      return message;
    };
    const twin = twinWith({ default: 'both', redact });
    const [input, output] = [{ password: 'x' }, Buffer.of(7)];
    twin.recorder.run({ ...PLACE, input }, () => output);
    const [record] = await twin.records();
    expect({ input, output }).toEqual({ input: { password: 'x' }, output: Buffer.of(7) });
    expect([record?.inputPayload, record?.outputPayload]).toMatchObject([
      { redacted: true },
      { redacted: true },
    ]);
  });

  it.each<[string, unknown, string]>([
    [
      'throws',
      () => {
        throw new TypeError('secret');
      },
      'the redaction hook threw TypeError',
    ],
    [
      'answers later',
      async () => {
        throw new Error('secret');
      },
      'the redaction hook answers with a promise',
    ],
    ['keeps nothing', () => undefined, 'the redaction hook keeps nothing of it'],
    ['answers with no data', () => Readable.from([]), 'Readable only stands for data'],
  ])('keeps nothing where the hook %s, and says so', async (_what, redact, reason) => {
    const twin = twinWith({ default: 'input', redact: redact as Redact });
    const value = twin.recorder.run({ ...PLACE, input: 'text' }, () => 'answer');
    twin.recorder.run({ ...PLACE, input: 'text' }, () => 'answer');
    const [record] = await twin.records();
    expect(value).toBe('answer');
    expect(record).toMatchObject({ status: 'completed', inputHash: fingerprint('text'), inputPayload: null });
    expect(marksOf(record ?? { metadata: null })).toEqual({ input_payload: `not kept: ${reason}` });
    expect(twin.recorder.status().payloads.skipped).toBe(2);
    expect(logger.messages.length).toBeLessThanOrEqual(1);
    expect(logger.messages.join()).not.toContain('secret');
  });

  it('keeps nothing where the hook is none, the level is none, or a number is no number, and says so', async () => {
    const wrong = {
      default: 'all',
      adapters: { a: { redact: 'x', capture: 'both' }, b: 'sometimes' },
      maxBytes: 1e9,
    };
    const twin = twinWith(wrong as unknown as CaptureOptions);
    for (const adapter of ['a', 'b', 'c']) twin.recorder.run({ route: 'r', adapter, input: 'x' }, () => 1);
    const more = { redact: 1, capture: 'both' } as unknown as { capture: 'both' };
    twin.recorder.run({ route: 'r', adapter: 'd', input: 'x', ...more }, () => 1);
    const records = await twin.records();
    expect(records.map(({ inputPayload }) => inputPayload)).toEqual([null, null, null, null]);
    const [options, call] = logger.messages;
    for (const text of [
      'capture.default',
      'capture.adapters["a"].redact',
      'capture.adapters["b"]',
      'maxBytes',
    ])
      expect(options).toContain(text);
    expect(call).toBe('r/d: redact must be a function: nothing is kept');
  });

  it('says on the record why nothing is kept, whenever that turns out, along with what else was marked', async () => {
    const twin = twinWith({ default: 'both', maxBytes: 3 });
    const execution = twin.recorder.startExecution({ name: 'e' });
    const record = execution.register({ ...PLACE, input: 'long', batchId: 'no id', metadata: { a: 1 } });
    record.start({ input: new Map() });
    record.complete({ output: () => 1 });
    expect((await twin.record(record)).metadata).toEqual({
      a: 1,
      lineage_marks: {
        batchId: 'not an id: no id',
        input_payload: 'not kept: JSON cannot say it exactly',
        output_payload: 'not kept: function only stands for data',
      },
    });
    expect(twin.recorder.status().payloads).toMatchObject({ skipped: 3, stored: 0 });
  });

  it('says so where the sink takes no payloads', async () => {
    const twin = twinWith(undefined);
    const { sink } = twin;
    const plain = { target: 'mine', send: sink.send.bind(sink), close: () => undefined };
    const recorder = createLineageRecorder({ endpoint: '', sink: plain, capture: { default: 'input' } });
    recorder.run({ ...PLACE, input: 'x' }, () => 1);
    await recorder.flush();
    const [record] = await twin.records();
    expect(marksOf(record ?? { metadata: null })?.['input_payload']).toBe(
      'not kept: the sink takes no payloads',
    );
  });

  it('keeps what was received, told beside what was registered', async () => {
    const twin = twinWith({ adapters: { embedder: 'input' } });
    const sender = twin.recorder.startExecution({ name: 'e' });
    const child = (): ReturnType<typeof sender.register> =>
      sender.register({ route: 'documents', adapter: 'embedder', input: { n: 1 }, capture: 'none' });
    const same = child();
    twin.recorder.resume(same.headers(), { input: { n: 1 } }).start();
    const changed = child();
    const resumed = twin.recorder.resume(changed.headers());
    twin.recorder.run({ record: resumed, input: { n: 2 } }, (record) => expect(record).toBe(resumed));
    const again = twin.recorder.resume(changed.headers(), { attempt: 2, input: { n: 2 } });
    again.start();
    expect(await twin.record(same)).toMatchObject({
      conflicts: 0,
      inputPayload: { key: fingerprint({ n: 1 }) },
    });
    const [first, second] = [await twin.record(changed), await twin.record(again)];
    expect(first).toMatchObject({ conflicts: 1, completion: 'done', inputHash: fingerprint({ n: 1 }) });
    expect(second).toMatchObject({ conflicts: 1, retryOf: changed.id });
    expect(await twin.payloadOf(first)).toMatchObject({ message: { n: 2 } });
  });

  it('makes no call throw, whatever it is given', () => {
    const twin = twinWith({ default: 'both' });
    fc.assert(
      fc.property(fc.array(hostileValue, { minLength: 6, maxLength: 6 }), (makers) => {
        const [input, output, capture, redact, maxPayloadBytes, record] = makers.map((make) => make());
        const options = { ...PLACE, input, capture, redact, maxPayloadBytes } as never;
        const live = twin.recorder.startExecution({ name: 'e' }).register(options);
        live.start({ input: output });
        live.complete({ output });
        twin.recorder.resume(live.headers(), { input, capture, redact, attempt: 2 } as never).start();
        expect(twin.recorder.run({ record, ...PLACE } as never, () => 5)).toBe(5);
        twin.recorder.run({ ...PLACE, redact: () => output, capture: 'both', input } as never, () => 5);
      }),
      { numRuns: 200 },
    );
  });
});
