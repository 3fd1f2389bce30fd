import { setTimeout as delay } from 'node:timers/promises';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { hashOf } from '@factflow/domain';
import { createLineageTwin, type LineageTwin } from './lineage-twin';

const AT = { route: 'documents', adapter: 'chunker' };

describe('run', () => {
  let twin: LineageTwin;
  beforeEach(() => {
    twin = createLineageTwin();
  });
  const only = async () => {
    const records = await twin.records();
    expect(records).toHaveLength(1);
    return records[0];
  };

  it('records work with nothing around in an execution of its own', async () => {
    expect(twin.recorder.run({ ...AT, input: 'in', executionName: 'nightly' }, () => 'out')).toBe('out');
    expect(await only()).toMatchObject({ completion: 'done', started: true, outputHash: hashOf('out') });
    expect(await twin.executions()).toMatchObject([{ name: 'nightly', completion: 'done' }]);
  });

  it('makes nested work a child, across awaits and timers, registered before its parent ends', async () => {
    await twin.recorder.run(AT, async (outer) => {
      await delay(1);
      await Promise.all(
        ['a', 'b'].map((adapter) =>
          twin.recorder.run({ route: 'documents', adapter }, async (inner) => {
            await delay(1);
            expect(twin.recorder.current()?.id).toBe(inner.id);
          }),
        ),
      );
      expect(twin.recorder.current()?.id).toBe(outer.id);
    });
    expect(twin.recorder.current()).toBeUndefined();
    const [outer, ...inner] = await twin.records();
    expect(inner.map(({ parentId }) => parentId)).toEqual([outer?.id, outer?.id]);
    expect(await twin.executions()).toHaveLength(1);
    const order = (await twin.events()).map((event) => `${event.type} ${event.recordId === outer?.id}`);
    expect(order.indexOf('record.completed true')).toBeGreaterThan(
      order.lastIndexOf('record.registered false'),
    );
  });

  it('goes where it is told: an execution, parents, or the start of a chain', async () => {
    const execution = twin.recorder.startExecution({ name: 'given' });
    const parent = execution.register({ route: 'documents', adapter: 'discover' });
    twin.recorder.run({ ...AT, execution }, (record) => expect(record.executionId).toBe(execution.id));
    twin.recorder.run({ ...AT, parents: [parent] }, (record) => {
      expect(record.executionId).toBe(execution.id);
      twin.recorder.run({ ...AT, parents: [] }, () => undefined);
    });
    expect((await twin.records({ adapterName: 'chunker' })).map(({ parentId }) => parentId)).toEqual([
      null,
      parent.id,
      null,
    ]);
    expect(await twin.executions()).toHaveLength(1);
  });

  it('fails the record with the very error that was thrown, now or later', async () => {
    const error = new TypeError('broken');
    expect(() =>
      twin.recorder.run(AT, () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(twin.recorder.run(AT, () => Promise.reject(error))).rejects.toBe(error);
    expect(await twin.records({ completion: 'failed' })).toHaveLength(2);
    expect(await twin.executions()).toMatchObject([
      { completion: 'failed', error: { class: 'TypeError' } },
      { completion: 'failed' },
    ]);
  });

  it('leaves a record alone that the work ended itself', async () => {
    twin.recorder.run(AT, (record) => record.cancel('nothing to do'));
    expect(await only()).toMatchObject({ status: 'cancelled' });
    expect(twin.recorder.status().ignored).toBe(0);
  });

  it('does the work even when nothing can be recorded', () => {
    const hostile = new Proxy({} as never, {
      get: () => {
        throw new Error('hostile');
      },
    });
    expect(twin.recorder.run(hostile, () => 7)).toBe(7);
    expect(twin.recorder.run(undefined as never, () => 8)).toBe(8);
  });

  it('follows a generator to its end, its work in the record’s context', async () => {
    function* items(): Generator<number, string> {
      expect(twin.recorder.current()).toBeDefined();
      yield 1;
      yield 2;
      return 'end';
    }
    const generator = twin.recorder.run(AT, items);
    expect((await only())?.completion).toBe('pending');
    expect([...generator]).toEqual([1, 2]);
    expect(await only()).toMatchObject({ completion: 'done', metadata: { yielded: 2 } });
  });

  it('follows an async generator that fails, or is left early', async () => {
    async function* items(): AsyncGenerator<number> {
      yield 1;
      throw new Error('in the middle');
    }
    const consume = async (until: number): Promise<void> => {
      for await (const item of twin.recorder.run(AT, items)) if (item === until) break;
    };
    await expect(consume(7)).rejects.toThrow('in the middle');
    await consume(1);
    expect((await twin.records()).map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  it('follows a stream without starting its flow or taking its errors', async () => {
    const stream = twin.recorder.run(AT, () => Readable.from(['a', 'b']));
    expect(stream.readableFlowing).toBeNull();
    expect(stream.listenerCount('error')).toBe(0);
    expect((await only())?.completion).toBe('pending');
    expect(await text(stream)).toBe('ab');
    expect(await only()).toMatchObject({ completion: 'done', outputHash: 'unhashed:Readable' });
  });

  it('fails with a stream, and cancels with one that is closed before its end', async () => {
    const broken = twin.recorder.run(AT, async () => new PassThrough());
    const error = new Error('connection lost');
    (await broken).on('error', () => undefined).destroy(error);
    const left = twin.recorder.run(AT, () => new PassThrough());
    left.destroy();
    await new Promise((resolve) => left.once('close', resolve));
    expect((await twin.records()).map(({ status }) => status)).toEqual(['failed', 'cancelled']);
    expect((await twin.executions()).map(({ status }) => status)).toEqual(['failed', 'cancelled']);
  });

  it('does not begin what begins when it is awaited, and never twice', async () => {
    let begun = 0;
    const query = {
      then: (resolve: (rows: string) => void) => {
        begun += 1;
        resolve('rows');
      },
    };
    const same = twin.recorder.run(AT, () => query);
    expect(same).toBe(query);
    expect(begun).toBe(0);
    expect((await only())?.completion).toBe('pending');
    await expect(same as PromiseLike<string>).resolves.toBe('rows');
    expect(begun).toBe(1);
    expect(await only()).toMatchObject({ completion: 'done', outputHash: hashOf('rows') });
  });
});
