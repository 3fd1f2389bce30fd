import { newId } from '@factflow/domain';
import { createLineageTwin, type LineageTwin } from './lineage-twin';

const AT = { route: 'documents', adapter: 'chunker' };

describe('a record', () => {
  let twin: LineageTwin;
  beforeEach(() => {
    twin = createLineageTwin();
  });

  it('goes from pending to done', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const record = execution.register({ ...AT, input: 'message', metadata: { size: 7 } });
    expect(await twin.record(record)).toMatchObject({
      status: 'pending',
      started: false,
      routeId: 'documents',
    });
    record.start();
    expect(await twin.record(record)).toMatchObject({ status: 'pending', started: true });
    record.complete({ output: 'result', metadata: { chunks: 2 } });
    expect(await twin.record(record)).toMatchObject({
      status: 'completed',
      completion: 'done',
      inputHash: expect.stringMatching(/^sha256:/),
      outputHash: expect.stringMatching(/^sha256:/),
      metadata: { size: 7, chunks: 2 },
      parentIds: [],
    });
  });

  it('waits for children registered before it was completed, and for their children', async () => {
    const parent = twin.recorder.startExecution({ name: 'import' }).register({ ...AT, started: true });
    const child = parent.registerChild({ route: 'documents', adapter: 'embedder' });
    parent.complete();
    expect(await twin.completionOf(parent)).toBe('awaiting_children');
    const grandchild = child.registerChild({ route: 'documents', adapter: 'writer' });
    child.complete();
    expect(await twin.completionOf(parent)).toBe('awaiting_children');
    grandchild.fail(new Error('disk full'));
    expect(await twin.completionOf(parent)).toBe('done');
    expect(await twin.childrenOf(parent)).toEqual([expect.objectContaining({ id: child.id })]);
  });

  it('is ended once: later ends are counted, not told', async () => {
    const record = twin.recorder.startExecution({ name: 'import' }).register(AT);
    record.start();
    record.start();
    record.fail(new Error('first'));
    record.complete();
    record.cancel('too late');
    record.start();
    expect(twin.recorder.status().ignored).toBe(4);
    expect(await twin.record(record)).toMatchObject({
      status: 'failed',
      conflicts: 0,
      error: { message: 'first' },
    });
    expect(record.ended).toBe(true);
  });

  it('can be cancelled with a reason', async () => {
    const record = twin.recorder.startExecution({ name: 'import' }).register(AT);
    record.cancel('shutdown');
    expect(await twin.record(record)).toMatchObject({ completion: 'cancelled', cancelReason: 'shutdown' });
  });

  it('joins parents given as handles and as ids, each once', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const register = (adapter: string) => execution.register({ route: 'documents', adapter });
    const [a, b, c] = [register('a'), register('b'), register('c')] as const;
    const batchId = newId();
    const join = execution.register({ ...AT, parents: [a, b.id.toUpperCase()], batchId });
    const joinOfOne = c.registerChild({ ...AT, joinedParents: [a, c] });
    expect(await twin.record(join)).toMatchObject({ parentId: a.id, joinedParentIds: [b.id], batchId });
    expect(await twin.record(joinOfOne)).toMatchObject({ parentId: c.id, joinedParentIds: [a.id] });
    expect(await twin.records({ batchId })).toHaveLength(1);
    expect((await twin.childrenOf(a)).map(({ id }) => id)).toEqual([join.id, joinOfOne.id]);
  });

  it('keeps ids of one’s own, and names what it retries and replays', async () => {
    const [id, retryOf, replayOfRecord, executionId, replayOf] = Array.from({ length: 5 }, () => newId());
    const execution = twin.recorder.startExecution({
      name: 'replay',
      id: executionId,
      replayOf,
      fromStage: 'chunker',
      metadata: { reason: 'fixed' },
    });
    const record = execution.register({ ...AT, id, retryOf, replayOfRecord });
    expect(await twin.record(record)).toMatchObject({ id, executionId, retryOf, replayOfRecord });
    expect(await twin.executions()).toMatchObject([
      { id: executionId, replayOf, fromStage: 'chunker', metadata: { reason: 'fixed' } },
    ]);
  });

  it('does not hold an execution back once it has settled', async () => {
    const execution = twin.recorder.startExecution({ name: 'import' });
    const record = execution.register(AT);
    execution.complete();
    execution.fail(new Error('too late'));
    expect(await twin.executions()).toMatchObject([{ completion: 'awaiting_records' }]);
    record.complete();
    expect(await twin.executions()).toMatchObject([{ completion: 'done', counts: { completed: 1 } }]);
    expect(twin.recorder.status().ignored).toBe(1);
  });
});
