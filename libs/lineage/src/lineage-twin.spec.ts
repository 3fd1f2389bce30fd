import { AssertionError } from 'node:assert';
import { createLineageTwin, type LineageTwin } from './testing';
import type { LineageRecord } from './record';

const at = (adapter: string, more: object = {}) => ({ route: 'documents', adapter, ...more });

describe('what a twin is told to expect', () => {
  let twin: LineageTwin;
  let chunker: LineageRecord;
  let embedders: LineageRecord[];
  beforeEach(() => {
    twin = createLineageTwin();
    const execution = twin.recorder.startExecution({ name: 'nightly' });
    chunker = execution.register(at('chunker', { input: 'a b', started: true }));
    embedders = ['a', 'b'].map((input) =>
      chunker.registerChild(at('embedder', { input, metadata: { model: { name: 'small' } } })),
    );
    chunker.complete({ output: ['a', 'b'] });
    execution.complete();
  });
  const endAll = (): void => embedders.forEach((record) => record.complete());
  /** The message of what is thrown; it must be what test runners know as a failed assertion. */
  const messageOf = async (expectation: Promise<unknown>): Promise<string> => {
    const error: unknown = await expectation.then(
      () => new Error('it held'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AssertionError);
    return (error as AssertionError).message;
  };

  it('holds: this message produced these two children, and is done', async () => {
    endAll();
    const message = twin.expectRecord({ adapter: 'chunker', input: 'a b' });
    await message.toHaveProduced([
      { adapter: 'embedder', input: 'b' },
      { adapter: 'embedder', input: 'a' },
    ]);
    await expect(message.toBeDone()).resolves.toMatchObject({ id: chunker.id });
    await twin.expectExecution({ name: 'nightly' }).toBeDone();
    await twin.expectNothingPending();
  });

  it('does not hold: the error says what was expected and is there instead, and draws all of it', async () => {
    embedders[1]?.fail(new RangeError('too long'));
    expect(await messageOf(twin.expectRecord({ adapter: 'chunker', input: 'a b' }).toBeDone())).toBe(
      [
        'expected chunker with input "a b" to be done, but it is awaiting_children, 1 of them',
        '',
        `execution nightly  awaiting_records  ${chunker.executionId}`,
        `└─ documents/chunker  awaiting_children  ◀  ${chunker.id}`,
        `   ├─ documents/embedder  pending  ${embedders[0]?.id}`,
        `   └─ documents/embedder  failed  ${embedders[1]?.id}  RangeError: too long`,
      ].join('\n'),
    );
  });

  it('points at the line that expects it', async () => {
    const error = await twin
      .expectRecord(chunker)
      .toBeDone()
      .catch((thrown: Error) => thrown);
    const [frame] = /^ +at .*/m.exec((error as Error).stack ?? '') ?? [];
    expect(frame).toContain('lineage-twin.spec.ts');
  });

  it.each<[string, (twin: LineageTwin) => Promise<unknown>, RegExp]>([
    [
      'a record nobody made',
      (t) => t.expectRecord({ route: 'documents', adapter: 'writer' }).toBeDone(),
      /^expected documents\/writer to be done, but there is no such record\n\nexecution nightly/,
    ],
    [
      'one record where there are several',
      (t) => t.expectRecord({ adapter: 'embedder' }).toBePending(),
      /but there are 2 such records\n[^]*◀[^]*◀/,
    ],
    [
      'a child less than there is',
      (t) => t.expectRecord({ adapter: 'chunker' }).toHaveProduced([{ adapter: 'embedder' }]),
      /to have produced embedder, but documents\/embedder \S+ is a child too\n/,
    ],
    [
      'a child that is not there',
      (t) =>
        t
          .expectRecord({ adapter: 'chunker' })
          .toHaveProduced([{ adapter: 'embedder' }, { adapter: 'embedder' }, { adapter: 'index' }]),
      /but there is no child index\n/,
    ],
    [
      'no children',
      (t) => t.expectRecord({ adapter: 'chunker' }).toHaveProduced([]),
      /to have produced nothing, but/,
    ],
    [
      'the end of what goes on',
      (t) => t.expectRecord({ input: 'a' }).toBeDone(),
      /a record with input "a" to be done, but it is pending\n/,
    ],
    [
      'an error where there is none',
      (t) => t.expectRecord({ input: 'a' }).toHaveFailedWith('RangeError', /long/),
      /to have failed with RangeError: \/long\/, but it is pending/,
    ],
    [
      'another origin',
      (t) => t.expectRecord({ input: 'a' }).toComeFrom({ adapter: 'discover' }),
      /to come from discover, but nothing it comes from there is discover/,
    ],
    ['a retry', (t) => t.expectRecord({ input: 'a' }).toBeARetryOf({ input: 'b' }), /but it is no retry/],
    ['that nothing goes on', (t) => t.expectNothingPending(), /but 3 records and 1 executions are open/],
    [
      'an execution that is done',
      (t) => t.expectExecution().toBeDone(),
      /the only execution to be done, but it is awaiting_records \(3 not settled\)/,
    ],
    [
      'an execution of another name',
      (t) => t.expectExecution({ name: 'hourly' }).toBeRunning(),
      /execution hourly to be running, but there is no such execution/,
    ],
    [
      'the failure of an execution',
      (t) => t.expectExecution().toHaveFailedWith('Error'),
      /but it is awaiting_records/,
    ],
  ])('tells of %s', async (_, expectation, message) => {
    expect(await messageOf(expectation(twin))).toMatch(message);
  });

  it('follows failures, cancellations, retries and joins', async () => {
    const [a, b] = embedders as [LineageRecord, LineageRecord];
    a.fail(new RangeError('too long'));
    b.cancel('shutdown');
    await twin.expectRecord(a).toHaveFailedWith('RangeError');
    await twin.expectRecord({ error: 'RangeError' }).toHaveFailedWith('RangeError', 'too long');
    expect(await messageOf(twin.expectRecord(a).toHaveFailedWith('RangeError', 'too'))).toContain(
      'but it failed with RangeError: too long',
    );
    await twin.expectRecord(b.id).toBeCancelled();
    await twin.expectRecord(b).toBeCancelled(/^shut/);
    expect(await messageOf(twin.expectRecord(b).toBeCancelled('other'))).toContain('because of shutdown');
    const retry = twin.recorder.resume(a.headers(), { attempt: 2 });
    await twin.expectRecord(retry).toBeARetryOf(a);
    await twin.expectRecord(retry).toBePending();
    const join = retry.registerChild(at('index', { joinedParents: [b] }));
    await twin.expectRecord(join).toJoin([{ adapter: 'embedder', status: 'cancelled' }, retry]);
    await twin.expectRecord(join).toComeFrom({ status: 'cancelled' }, { adapter: 'chunker' });
    await twin.expectRecord(join).toComeFrom(retry, chunker);
    retry.complete();
    await twin.expectRecord(retry).toAwaitChildren();
    join.complete();
    await twin.expectExecution({ id: chunker.executionId }).toBeDone();
  });

  it('pairs children such that each description finds its own', async () => {
    endAll();
    const metadata = { model: { name: 'small' } };
    await twin.expectRecord(chunker).toHaveProduced([
      { adapter: 'embedder', metadata },
      { adapter: 'embedder', input: 'a' },
    ]);
    await twin.expectRecord(chunker).toHaveProduced([{ input: 'a' }, { completion: 'done' }]);
    expect(
      await messageOf(twin.expectRecord(chunker).toHaveProduced([{ input: 'a' }, { input: 'a' }])),
    ).toMatch(/but there is no child a record with input "a", and documents\/embedder \S+ is a child too/);
  });

  it('draws large executions as far as anybody reads', async () => {
    for (let n = 0; n < 200; n += 1) chunker.registerChild(at('many'));
    expect(await messageOf(twin.expectNothingPending())).toMatch(/\n… 124 more lines$/);
    expect(await messageOf(createLineageTwin().expectExecution().toBeDone())).toContain(
      'nothing was recorded',
    );
  });
});
