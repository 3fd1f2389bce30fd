import { hashOf } from '@factflow/domain';
import { anId, cancelled, completed, executionStarted, failed, registered } from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import { anOriginal, ReplayScene, ROUTE, STAGE, textRef } from '../testing/replay-scene';

let scene: ReplayScene;
beforeAll(async () => {
  scene = await ReplayScene.open();
}, 60_000);
afterEach(() => scene.clear());
afterAll(() => scene?.close(), 60_000);

/** Everything a replay could have left. */
const traces = async (): Promise<unknown> => {
  const [row] = await scene.rows(`
    SELECT (SELECT count(*) FROM lineage_replay) AS replays, (SELECT count(*) FROM lineage_replay_item) AS items,
      (SELECT count(*) FROM lineage_event) AS events, (SELECT count(*) FROM lineage_replay_queue) AS queues`);
  return row;
};

describe('a replay', () => {
  it('is an execution of its own, whose records stand for the originals and have their input', async () => {
    const { executionId, originals } = await scene.anExecution(['one', 'two']);
    const { status, body } = await scene.replay(executionId, { reason: 'fixed it' });
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { replay_of: executionId, from_stage: STAGE, route_id: null, total: 2, reason: 'fixed it' },
    });
    const id = body.execution_id as string;
    expect(await scene.records(id)).toEqual(
      originals.map(({ id: original, text }): unknown =>
        expect.objectContaining({
          status: 'pending',
          route_id: ROUTE,
          adapter_name: STAGE,
          input_hash: hashOf(text),
          input_payload: { key: hashOf(text), redacted: false, content_type: textRef(text).contentType },
          replay_of_record: original,
          retry_of: null,
        }),
      ),
    );
    const [execution] = await scene.rows('SELECT * FROM lineage_execution WHERE execution_id = $1', id);
    expect(execution).toMatchObject({
      name: 'nightly-import',
      replay_of: executionId,
      from_stage: STAGE,
      status: 'running',
      metadata: { reason: 'fixed it', only_failed: false },
    });
  });

  it('is of the attempt that completed, else of the latest, and of none that is pending', async () => {
    const executionId = anId();
    const retry = (text: string, first: string, fails = true) =>
      anOriginal(executionId, text, { fails, data: { retryOf: first } });
    const first = anOriginal(executionId, 'retried');
    const [second, third] = [retry('retried', first.id, false), retry('retried', first.id)];
    const start = anOriginal(executionId, 'chained');
    const middle = retry('chained', start.id);
    const end = retry('chained', middle.id);
    const pending = anId();
    for (const text of ['retried', 'chained']) await scene.put(text);
    await scene.append([
      executionStarted({ executionId }),
      ...[first, second, third, start, middle, end].flatMap(({ events }) => events),
      registered(pending, { executionId }, { routeId: ROUTE, adapterName: STAGE }),
    ]);
    const { body } = await scene.replay(executionId, { dry_run: true });
    expect(body).toMatchObject({ records: 2, pending: 1, routes: [{ route_id: ROUTE, records: 2 }] });
    const records = await scene.records(await scene.replayed(executionId));
    expect(records.map(({ replay_of_record: original }) => original).sort()).toEqual(
      [second.id, end.id].sort(),
    );
    const failures = await scene.records(await scene.replayed(executionId, { only_failed: true }));
    expect(failures.map(({ replay_of_record: original }) => original)).toEqual([end.id]);
  });

  it('has cancelled messages in it, and leaves other routes out where one is named', async () => {
    const executionId = anId();
    const ids = [anId(), anId()];
    await scene.put('a message');
    await scene.append([
      executionStarted({ executionId }),
      ...ids.flatMap((id, index) => [
        registered(
          id,
          { executionId },
          { routeId: `route ${index}`, adapterName: STAGE, inputPayload: textRef('a message') },
        ),
        cancelled(id, { executionId }),
      ]),
    ]);
    expect((await scene.replay(executionId, { dry_run: true })).body).toMatchObject({ records: 2 });
    const records = await scene.records(await scene.replayed(executionId, { route_id: 'route 1' }));
    expect(records.map(({ replay_of_record: original }) => original)).toEqual([ids[1]]);
  });

  it('takes bytes that are stored under the input hash where nothing was captured of the record', async () => {
    const executionId = anId();
    const { events } = anOriginal(executionId, 'by its hash', { data: { inputPayload: undefined } });
    await scene.put('by its hash');
    await scene.append(events);
    const [record] = await scene.records(await scene.replayed(executionId));
    expect(record).toMatchObject({
      input_payload: {
        key: hashOf('by its hash'),
        content_type: 'text/plain; charset=utf-8',
        redacted: false,
      },
    });
  });

  it('is made once under an idempotency key, however many ask at once', async () => {
    const { executionId } = await scene.anExecution(['idempotent']);
    const key = { idempotency_key: 'deploy 42' };
    const replies = await Promise.all(Array.from({ length: 8 }, () => scene.replay(executionId, key)));
    expect(new Set(replies.map(({ body }) => body.execution_id)).size).toBe(1);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202]);
    const other = await scene.replay(executionId, { ...key, only_failed: true });
    expect(other).toMatchObject({
      status: 422,
      body: {
        code: 'idempotency_key_reused',
        detail: expect.stringContaining('only_failed') as string,
        errors: [{ field: 'idempotency_key' }],
      },
    });
    const again = await scene.replay(executionId, { idempotency_key: 'deploy 43' });
    expect(again.status).toBe(202);
  });

  it('can be replayed', async () => {
    const { executionId } = await scene.anExecution(['again and again']);
    const first = await scene.replayed(executionId);
    const [job] = await scene.leaseAll(1, { adapters: [{ adapter_name: STAGE, route_id: ROUTE }] });
    await scene.settle(job as never, 'complete');
    await scene.isClosed(first, 'completed');
    const second = await scene.replayed(first);
    const [record] = await scene.records(second);
    expect(record).toMatchObject({ replay_of_record: job?.record_id, input_hash: hashOf('again and again') });
    const [execution] = await scene.rows('SELECT * FROM lineage_execution WHERE execution_id = $1', second);
    expect(execution).toMatchObject({ replay_of: first, name: 'nightly-import' });
  });
});

describe('a join', () => {
  const joinOf = async (captured: boolean): Promise<{ executionId: string; parents: string[] }> => {
    const executionId = anId();
    const at = { executionId };
    const parents = [anId(), anId(), anId()];
    const texts = ['left', 'middle', 'right'];
    for (const text of texts) await scene.put(text);
    const join = anId();
    await scene.append([
      ...parents.flatMap((id, index) => [
        registered(id, at, { adapterName: 'reader' }),
        completed(id, at, index === 1 && !captured ? {} : { outputPayload: textRef(texts[index] as string) }),
      ]),
      registered(join, at, {
        routeId: ROUTE,
        adapterName: STAGE,
        inputHash: 'sha256:of-nothing-stored',
        parentId: parents[0],
        joinedParentIds: [parents[2] as string, parents[1] as string],
      }),
      failed(join, at),
    ]);
    return { executionId, parents };
  };

  it('is replayed from the outputs of all its parents, in their order', async () => {
    const { executionId } = await joinOf(true);
    const id = await scene.replayed(executionId);
    const jobs = await scene.leaseAll(1, { max: 100 });
    const job = jobs.find(({ execution_id: execution }) => execution === id);
    expect(job?.joined).toBe(true);
    expect(job?.inputs.map(({ key }) => key)).toEqual(['left', 'right', 'middle'].map(hashOf));
  });

  it('is refused when one of them is not there, and that one is named', async () => {
    const { executionId, parents } = await joinOf(false);
    const { status, body } = await scene.replay(executionId);
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'inputs_not_replayable' } });
    expect(JSON.stringify(body.errors)).toContain(`the output of its parent ${parents[1]} was not captured`);
  });
});

describe('a replay that is not possible', () => {
  const refusals: [string, () => Promise<string>, RegExp][] = [
    [
      'an input was not captured',
      async () => {
        const executionId = anId();
        await scene.append(
          anOriginal(executionId, 'not captured', { data: { inputPayload: undefined } }).events,
        );
        return executionId;
      },
      /its input was not captured/,
    ],
    [
      'its bytes are gone',
      async () => {
        const { executionId } = await scene.anExecution(['gone']);
        await scene.store.delete(hashOf('gone'));
        return executionId;
      },
      new RegExp(`is not in the payload store: ${hashOf('gone')}`),
    ],
    [
      'its bytes are not what they were',
      async () => {
        const { executionId } = await scene.anExecution(['damaged']);
        scene.damage('damaged');
        return executionId;
      },
      /the bytes of sha256:[0-9a-f]{64} are not those it was made from/,
    ],
    [
      'its bytes cannot be read, while those of others can',
      async () => {
        const { executionId } = await scene.anExecution(['readable', 'unreadable']);
        scene.obstruct('unreadable');
        return executionId;
      },
      /its input is stored, but sha256:[0-9a-f]{64} cannot be read: EISDIR/,
    ],
    [
      'an input was redacted',
      async () => {
        const executionId = anId();
        await scene.put('redacted');
        const data = { inputPayload: textRef('redacted', { redacted: true }) };
        await scene.append(anOriginal(executionId, 'secret', { data }).events);
        return executionId;
      },
      /was redacted/,
    ],
    [
      'its bytes are not those that went in',
      async () => {
        const executionId = anId();
        await scene.put('other bytes');
        const data = { inputPayload: textRef('other bytes') };
        await scene.append(anOriginal(executionId, 'what went in', { data }).events);
        return executionId;
      },
      /its input was captured as sha256:[0-9a-f]{64}, .* its bytes are not those that went in/,
    ],
  ];
  it.each(refusals)('because %s leaves no trace, and names the record', async (_name, prepare, message) => {
    const executionId = await prepare();
    const before = await traces();
    const { status, body } = await scene.replay(executionId);
    expect({ status, body }).toMatchObject({
      status: 422,
      body: {
        code: 'inputs_not_replayable',
        errors: [{ message: expect.stringMatching(message) as string }],
      },
    });
    expect((body.errors as { field: string }[])[0]?.field).toMatch(/^records\.[0-9a-f-]{36}$/);
    expect(await traces()).toEqual(before);
  });

  it('names a hundred records, and how many there are', async () => {
    const executionId = anId();
    const originals = Array.from({ length: 120 }, (_, n) => anOriginal(executionId, `unstored ${n}`));
    await scene.append(originals.flatMap(({ events }) => events));
    const { body } = await scene.replay(executionId);
    expect(body.detail).toMatch(/The input of 120 of 120 records cannot be had; nothing was queued/);
    expect(body.errors).toHaveLength(100);
  });

  it.each([
    ['an adapter nobody knows', { from_stage: 'unknown' }, /No record of unknown .* has ended/],
    ['a route that does not have it', { route_id: 'elsewhere' }, /No record of elsewhere\/chunker/],
  ])('because it is of %s says so', async (_name, more, message) => {
    const { executionId } = await scene.anExecution(['known']);
    expect(await scene.replay(executionId, more)).toMatchObject({
      status: 422,
      body: { code: 'nothing_to_replay', detail: expect.stringMatching(message) as string },
    });
  });

  it('because there is no such execution is not found', async () => {
    expect(await scene.replay(anId())).toMatchObject({ status: 404, body: { code: 'execution_not_found' } });
  });

  it.each([
    ['from_stage', { from_stage: '' }],
    ['from_stage', { from_stage: 7 }],
    ['route_id', { route_id: 'x'.repeat(201) }],
    ['only_failed', { only_failed: 'yes' }],
    ['dry_run', { dry_run: 1 }],
    ['reason', { reason: 'x'.repeat(1001) }],
    ['idempotency_key', { idempotency_key: '' }],
    ['stage', { stage: 'misspelt' }],
  ])('because %s is not valid says so', async (field, more) => {
    expect(await scene.replay(anId(), more)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('only says what would happen when it is told so', async () => {
    const { executionId } = await scene.anExecution(['dry', 'run']);
    const before = await traces();
    expect(await scene.replay(executionId, { dry_run: true, idempotency_key: 'dry' })).toMatchObject({
      status: 200,
      body: { records: 2, dry_run: true },
    });
    expect(await traces()).toEqual(before);
  });
});

it('a start that was broken off goes on, and makes nothing twice', async () => {
  const { executionId } = await scene.anExecution(['broken off']);
  const id = await scene.replayed(executionId);
  await eventually(async () => {
    expect((await scene.progress(id)).state).toBe('running');
  }, 'all to be queued');
  // As a crash leaves it between the events and the jobs: what was appended is there, how far it got is not.
  await scene.rows(`UPDATE lineage_replay SET state = 'starting', queued = 0 WHERE execution_id = $1`, id);
  await eventually(async () => {
    expect((await scene.progress(id)).state).toBe('running');
  }, 'the start to go on');
  expect(await scene.records(id)).toMatchObject([{ conflicts: 0 }]);
  const [row] = await scene.rows(
    `SELECT (SELECT count(*)::int FROM lineage_event WHERE execution_id = $1) AS events,
       (SELECT count(*)::int FROM factflow_replay.job WHERE data ->> 'execution_id' = $1::text) AS jobs`,
    id,
  );
  expect(row).toEqual({ events: 2, jobs: 1 });
});
