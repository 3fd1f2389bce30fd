import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createLineageTwin, type LineageTwin } from './lineage-twin';
import { bundle } from './testing/bundle';
import { hostileValue } from './testing/hostile';
import { inSpan, setUpOpenTelemetry, tearDownOpenTelemetry } from './testing/open-telemetry';
import { readTraceContext } from './trace-context';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const AT = { route: 'documents', adapter: 'embedder' };

describe('the trace a message came with', () => {
  let twin: LineageTwin;
  beforeEach(() => {
    twin = createLineageTwin();
  });
  const sent = () => twin.recorder.startExecution({ name: 'import' }).register(AT).headers();

  it('is passed on by the record, by those below it and by its retries', () => {
    const trace = { traceparent: PARENT, tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7' };
    const headers = { ...sent(), ...trace };
    for (const attempt of [1, 2]) {
      const record = twin.recorder.resume(headers, { attempt });
      const grandchild = record.registerChild(AT).registerChild(AT);
      const ran = twin.recorder.run({ ...AT, parents: [grandchild] }, (inner) => inner.headers());
      for (const passedOn of [record.headers(), grandchild.headers(), ran])
        expect(passedOn).toMatchObject(trace);
    }
    const otherwise = twin.recorder.resume(trace, { otherwise: AT });
    expect(otherwise.headers()).toMatchObject(trace);
    expect(sent()).not.toHaveProperty('traceparent');
  });

  it('is read from whatever a broker makes of it', () => {
    const get = (name: string): string => (name === 'traceparent' ? PARENT : '');
    for (const headers of [
      { traceparent: PARENT },
      { traceparent: Buffer.from(PARENT), tracestate: [] },
      { traceparent: [PARENT] },
      new Headers({ traceparent: PARENT }),
      new Map([['traceparent', PARENT]]),
      { get },
    ])
      expect(readTraceContext(headers)).toEqual({ traceparent: PARENT });
  });

  it.each([
    ['another version', PARENT.replace('00-', '01-')],
    ['more behind it', `${PARENT}-00`],
    ['upper case', PARENT.replace('af', 'AF')],
    ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short id', `00-${TRACE.slice(1)}-b7ad6b7169203331-01`],
    ['no flags', `00-${TRACE}-b7ad6b7169203331`],
    ['a line break', `${PARENT}\n`],
    ['nothing', ''],
    ['two', [PARENT, PARENT]],
  ])('is ignored with %s', (_, traceparent) => {
    expect(readTraceContext({ traceparent, tracestate: 'a=b' })).toBeUndefined();
    expect(twin.recorder.resume({ ...sent(), traceparent }).headers()).not.toHaveProperty('traceparent');
  });

  it('goes on without a state that is broken or too long', () => {
    const member = 'key=value';
    const read = (tracestate: unknown) => readTraceContext({ traceparent: PARENT, tracestate })?.tracestate;
    expect(read(`${member} , \ttenant@system=x`)).toBe(`${member},tenant@system=x`);
    for (const bad of [
      'novalue',
      'Key=value',
      'key=a=b',
      'key=é',
      'key=\r\nx: y',
      `key=${'v'.repeat(600)}`,
      Array.from({ length: 33 }, (_, n) => `k${n}=v`).join(','),
      `${member},`.repeat(60),
      '',
    ])
      expect(read(bad)).toBeUndefined();
  });

  it('is never trusted', () => {
    fc.assert(
      fc.property(hostileValue, fc.string(), fc.nat({ max: 55 }), (make, text, at) => {
        const spliced = PARENT.slice(0, at) + text + PARENT.slice(at);
        for (const value of [make(), spliced]) {
          const { traceparent } = readTraceContext({ traceparent: value, tracestate: make() }) ?? {};
          if (traceparent !== undefined)
            expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
        }
      }),
    );
  });
});

describe('with OpenTelemetry', () => {
  let twin: LineageTwin;
  beforeAll(setUpOpenTelemetry);
  afterAll(tearDownOpenTelemetry);
  beforeEach(() => {
    twin = createLineageTwin();
  });
  const traceOf = async (id: string): Promise<unknown> => (await twin.record(id)).metadata?.['trace_id'];

  it('messages carry the span that is active when they are sent', async () => {
    const record = twin.recorder.startExecution({ name: 'import' }).register(AT);
    const [headers, span] = inSpan((active) => [record.headers(), active]);
    expect(headers.traceparent).toBe(`00-${span.traceId}-${span.spanId}-01`);
    expect(record.headers()).not.toHaveProperty('traceparent');
  });

  it('records keep the id of the trace they were registered in, beside other metadata', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const [record, own, span] = inSpan((active) => [
      execution.register({ ...AT, metadata: { pages: 3 } }),
      execution.register({ ...AT, metadata: { trace_id: 'mine' } }),
      active,
    ]);
    expect((await twin.record(record)).metadata).toEqual({ pages: 3, trace_id: span.traceId });
    expect(await traceOf(own.id)).toBe('mine');
    expect(await traceOf(execution.register(AT).id)).toBeUndefined();
  });

  it('records that go on elsewhere keep the id of the trace their message came with', async () => {
    const record = twin.recorder.startExecution({ name: 'import' }).register(AT);
    const headers = { ...record.headers(), traceparent: PARENT };
    const resumed = twin.recorder.resume(headers);
    const child = resumed.registerChild(AT);
    resumed.complete({ metadata: { pages: 3 } });
    const retry = twin.recorder.resume(headers, { attempt: 2 });
    expect((await twin.record(record)).metadata).toEqual({ pages: 3, trace_id: TRACE });
    expect([await traceOf(child.id), await traceOf(retry.id)]).toEqual([TRACE, TRACE]);
    const [within, span] = inSpan((active) => [twin.recorder.resume(headers, { attempt: 3 }), active]);
    expect(await traceOf(within.id)).toBe(span.traceId);
  });
});

describe('without OpenTelemetry', () => {
  it('traces are passed on all the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'factflow-trace-'));
    try {
      const script = join(folder, 'script.mjs');
      bundle(join(__dirname, 'testing/trace-script.ts'), script);
      const { sent, passedOn } = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
      expect(Object.keys(sent)).toEqual(['factflow-lineage']);
      expect(passedOn).toMatchObject({ traceparent: PARENT });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
