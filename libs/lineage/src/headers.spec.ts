import { newId, timeOfId } from '@factflow/domain';
import fc from 'fast-check';
import { decodeHeader, HEADER } from './headers';
import { createLineageTwin, type LineageTwin } from './lineage-twin';
import { hostileValue } from './testing/hostile';

const AT = { route: 'documents', adapter: 'embedder' };

describe('headers', () => {
  // Two services: what the first one registers, the second goes on with.
  let twin: LineageTwin;
  beforeEach(() => {
    twin = createLineageTwin({ logger: { log: () => undefined, warn: () => undefined } });
  });

  it('let another process go on with the record', async () => {
    const record = twin.recorder.startExecution({ name: 'import' }).register({ ...AT, input: 'message' });
    const resumed = twin.recorder.resume(record.headers(), { attempt: 1 });
    resumed.start();
    const child = resumed.registerChild({ route: 'documents', adapter: 'writer' });
    resumed.complete();
    expect(await twin.record(record)).toMatchObject({ completion: 'awaiting_children', conflicts: 0 });
    expect((await twin.record(child)).parentId).toBe(record.id);
  });

  it('let a later attempt register a further child of the same parents', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const parents = [execution.register(AT), execution.register(AT)];
    const batchId = newId();
    const first = execution.register({
      route: 'dökument;=,%',
      adapter: '☃',
      parents,
      batchId,
      input: 'message',
    });
    first.fail(new Error('timeout'));
    const second = twin.recorder.resume(first.headers(), { attempt: 2, metadata: { attempt: 2 } });
    expect(second.id).not.toBe(first.id);
    second.start();
    second.complete();
    const [before, after] = [await twin.record(first), await twin.record(second)];
    expect(after).toMatchObject({ retryOf: first.id, metadata: { attempt: 2 }, completion: 'done' });
    for (const field of [
      'executionId',
      'routeId',
      'adapterName',
      'parentIds',
      'batchId',
      'inputHash',
    ] as const)
      expect(after[field]).toEqual(before[field]);
  });

  it('are read from whatever a broker makes of them', () => {
    const headers = twin.recorder.startExecution({ name: 'import' }).register(AT).headers();
    const value = headers[HEADER] ?? '';
    expect(value).toMatch(/^1;[\x21-\x7e]+$/);
    for (const carried of [
      headers,
      new Headers(headers),
      new Map([[HEADER, value]]),
      { [HEADER]: Buffer.from(value) },
      { [HEADER]: [value] },
      { [HEADER]: [Buffer.from(value)] },
      { [HEADER]: `${value};future=1` },
    ])
      expect(twin.recorder.resume(carried)).toMatchObject({ recorded: true });
  });

  it('stay within 8 KiB, however many parents a join has, and the retry says how many are missing', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const join = execution.register({
      route: '☃'.repeat(200),
      adapter: '☃'.repeat(200),
      inputHash: '☃'.repeat(200),
      parents: Array.from({ length: 5000 }, () => newId()),
    });
    const headers = join.headers();
    expect(headers[HEADER]?.length).toBeLessThanOrEqual(8192);
    const retry = await twin.record(twin.recorder.resume(headers, { attempt: 2 }));
    const marks = retry.metadata?.['lineage_marks'] as { parents: string };
    const missing = Number(/^\d+/.exec(marks.parents)?.[0]);
    expect(retry.parentIds.length + missing).toBe(5000);
  });

  it('lead to a record in an execution of its own, or to none, when there is nothing to read', async () => {
    const nothing = twin.recorder.resume({}, { attempt: 2 });
    nothing.start();
    nothing.registerChild(AT).complete();
    expect(nothing).toMatchObject({ recorded: false, id: '' });
    expect(nothing.headers()).toEqual({});
    const fresh = twin.recorder.resume(
      { [HEADER]: '1;execution=x' },
      { otherwise: { ...AT, executionName: 'stray' } },
    );
    fresh.start();
    expect(await twin.records()).toMatchObject([
      { id: fresh.id, metadata: { lineage_marks: { resume: 'header malformed' } } },
    ]);
    expect(await twin.executions()).toMatchObject([{ name: 'stray', completion: 'running' }]);
    fresh.complete();
    expect(await twin.executions()).toMatchObject([{ completion: 'done' }]);
  });

  it.each(['fail', 'cancel'] as const)('%s the execution of their own with the record', async (end) => {
    const fresh = twin.recorder.resume({}, { otherwise: AT });
    fresh[end]('enough');
    fresh.complete();
    const status = end === 'fail' ? 'failed' : 'cancelled';
    expect(await twin.executions()).toMatchObject([{ status }]);
    expect(twin.recorder.status().ignored).toBe(1);
  });

  it('are never trusted', () => {
    const value = twin.recorder.startExecution({ name: 'import' }).register(AT).headers()[HEADER] ?? '';
    const future = `ffffffff-ffff-7${newId().slice(15)}`;
    for (const bad of [
      '',
      value.slice(0, 60),
      value.replace('1;', '2;'),
      value + ';'.repeat(9000),
      `${value};record=${newId()}`,
      `${value};input=%`,
      `${value};parents=x`,
      value.replace(/route=[^;]*/, 'route='),
      value.replace(/route=[^;]*/, `route=${'r'.repeat(201)}`),
      value.replace(/record=([^;]*)/, 'record=$1;parents=$1'),
    ])
      expect(decodeHeader({ [HEADER]: bad })).toBe('header malformed');
    const ahead = value.replace(/execution=[^;]*/, `execution=${future}`);
    expect(decodeHeader({ [HEADER]: ahead })).toBe('an execution more than a day ahead of the clock');
    fc.assert(
      fc.property(hostileValue, fc.string(), fc.nat({ max: 200 }), (make, text, at) => {
        const spliced = value.slice(0, at) + text + value.slice(at);
        for (const headers of [make(), { [HEADER]: make() }, { [HEADER]: [make()] }, { [HEADER]: spliced }]) {
          const record = twin.recorder.resume(headers, { attempt: 2 });
          record.complete();
          expect(typeof record.id).toBe('string');
        }
      }),
    );
    expect(twin.sink.rejections).toEqual([]);
  });

  it('are gone on with after a clock that was ahead was set right, which times follow too', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 72 * 3_600_000);
    twin.recorder.startExecution({ name: 'ahead' }).complete();
    clock.mockRestore();
    const execution = twin.recorder.startExecution({ name: 'right' });
    expect(timeOfId(execution.id)).toBeLessThan(now + 3_600_000);
    const record = execution.register(AT);
    expect(twin.recorder.resume(record.headers()).recorded).toBe(true);
    const { at } = (await twin.events()).map(({ occurredAt: at }) => ({ at })).at(-1) as { at: number };
    expect(at).toBeLessThan(now + 3_600_000);
  });

  it('that cannot be gone on with are warned of, once, and none at all is not', () => {
    const warned: string[] = [];
    const logger = { log: () => undefined, warn: (text: string) => void warned.push(text) };
    const { recorder } = createLineageTwin({ logger });
    recorder.resume({});
    expect(warned).toEqual([]);
    const text = recorder.startExecution({ name: 'x' }).register(AT).headers()[HEADER] as string;
    const ahead = newId(Date.now() + 48 * 3_600_000);
    for (let each = 0; each < 3; each += 1)
      expect(
        recorder.resume({ [HEADER]: text.replace(/execution=[^;]*/, `execution=${ahead}`) }).recorded,
      ).toBe(false);
    expect(warned).toEqual([
      'a message is not gone on with: the header factflow-lineage does not say of what (an execution more than a day ahead of the clock)',
    ]);
  });
});
