import { hashOf } from '@factflow/domain';
import { anId, completed, failed as failedEvent, registered } from '@factflow/domain/testing';
import { eventually } from '@factflow/testing';
import { anOriginal, ReplayScene, ROUTE, STAGE, type Job } from '../testing/replay-scene';

const ERROR = { class: 'ProviderError', message: 'quota exceeded' };

let scene: ReplayScene;
beforeAll(async () => {
  scene = await ReplayScene.open({ FACTFLOW_REPLAY_ATTEMPTS: '2' });
}, 60_000);
afterEach(() => scene.clear());
afterAll(() => scene?.close(), 60_000);

/** A replay of messages, leased. */
async function atWork(...texts: readonly string[]): Promise<{ id: string; jobs: Job[] }> {
  const { executionId } = await scene.anExecution(texts);
  const id = await scene.replayed(executionId);
  return { id, jobs: await scene.leaseAll(texts.length) };
}

const expire = (job: Job): Promise<unknown> =>
  scene.rows(
    `UPDATE lineage_replay_item SET lease_expires_at = now() - interval '1 second'
     WHERE execution_id = $1 AND n = $2`,
    job.execution_id,
    Number(job.job.split('.')[1]),
  );

describe('work of a replay', () => {
  it('comes with what goes on with its record, and with its bytes', async () => {
    const { jobs } = await atWork('the bytes');
    const [job] = jobs as [Job];
    expect(job).toMatchObject({ attempt: 1, joined: false, route_id: ROUTE, adapter_name: STAGE });
    expect(job.headers['factflow-lineage']).toContain(
      `record=${job.record_id};route=${ROUTE};adapter=${STAGE}`,
    );
    const response = await fetch(
      `${scene.app.url}/api/v1/replay-work/${job.job}/inputs/${job.inputs[0]?.key}`,
    );
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('the bytes');
    const other = await scene.ask('GET', `replay-work/${job.job}/inputs/${hashOf('other')}`);
    expect(other).toMatchObject({ status: 404, body: { code: 'input_not_found' } });
  });

  it('ends the execution with the last message, and all that was recorded is known to have arrived', async () => {
    const { id, jobs } = await atWork('first', 'second', 'third');
    const [first, second, third] = jobs as [Job, Job, Job];
    await scene.append([completed(first.record_id, { executionId: id, at: Date.now() })]);
    expect(await scene.settle(first, 'complete')).toMatchObject({
      status: 200,
      body: { outcome: 'completed' },
    });
    expect(await scene.settle(first, 'complete')).toMatchObject({
      status: 200,
      body: { outcome: 'completed' },
    });
    expect(await scene.progress(id)).toMatchObject({ state: 'running', total: 3, completed: 1, leased: 2 });
    expect(await scene.settle(second, 'complete', { output_hash: hashOf('out') })).toMatchObject({
      body: { outcome: 'completed' },
    });
    expect(await scene.settle(third, 'fail', { error: ERROR, retry: false })).toMatchObject({
      body: { outcome: 'failed' },
    });
    await scene.isClosed(id, 'completed');
    expect(await scene.progress(id)).toMatchObject({
      total: 3,
      waiting: 0,
      leased: 0,
      completed: 2,
      failed: 1,
      dead: 0,
      ended_at: expect.any(String) as string,
    });
    const records = await scene.records(id);
    expect(
      records.map(({ status, conflicts }) => `${status as string} ${conflicts as number}`).sort(),
    ).toEqual(['completed 0', 'completed 0', 'failed 0']);
    expect(records.find(({ id: record }) => record === second.record_id)).toMatchObject({
      output_hash: hashOf('out'),
    });
    const [execution] = await scene.rows('SELECT * FROM lineage_execution WHERE execution_id = $1', id);
    expect(execution).toMatchObject({ status: 'completed', unsettled: '0', placeholders: '0' });
    const recorders = await scene.rows(
      `SELECT r.closed, r.highest_sequence, r.received::text FROM lineage_recorder r JOIN lineage_coverage c USING (recorder_id)
       WHERE c.execution_id = $1 AND r.service = 'factflow-command' ORDER BY highest_sequence`,
      id,
    );
    // Two records and the execution were ended from here, of the first record a service told.
    expect(recorders).toEqual([
      { closed: true, highest_sequence: '3', received: '{[1,4)}' },
      { closed: true, highest_sequence: '4', received: '{[1,5)}' },
    ]);
  });

  it('is handed out to one service at a time', async () => {
    const { executionId } = await scene.anExecution(Array.from({ length: 30 }, (_, n) => `message ${n}`));
    const id = await scene.replayed(executionId);
    const taken: Job[] = [];
    await eventually(async () => {
      const batches = await Promise.all(Array.from({ length: 4 }, () => scene.lease({ max: 3 })));
      taken.push(...batches.flat());
      expect(taken).toHaveLength(30);
    }, 'all messages');
    expect(new Set(taken.map(({ record_id: record }) => record)).size).toBe(30);
    expect(await scene.progress(id)).toMatchObject({ leased: 30, waiting: 0 });
  });

  it('is waited for as long as is asked, and comes as soon as there is some', async () => {
    expect(await scene.lease({ wait_ms: 50 })).toEqual([]);
    const { executionId } = await scene.anExecution(['soon']);
    const waiting = scene.lease({ wait_ms: 20_000 });
    await scene.replayed(executionId);
    expect(await waiting).toHaveLength(1);
  });

  it('is for the adapters and routes that are asked for', async () => {
    const { executionId } = await scene.anExecution(['mine']);
    await scene.replayed(executionId);
    expect(await scene.lease({ adapters: [{ adapter_name: 'embedder' }] })).toEqual([]);
    expect(await scene.lease({ adapters: [{ adapter_name: STAGE, route_id: 'other' }] })).toEqual([]);
    expect(await scene.leaseAll(1, { adapters: [{ adapter_name: STAGE, route_id: ROUTE }] })).toHaveLength(1);
  });
});

describe('a lease', () => {
  it('that has expired is over: the next attempt is handed out, and nobody can end it for its holder', async () => {
    const { id, jobs } = await atWork('slow');
    const [late] = jobs as [Job];
    await expire(late);
    for (const [verb, body] of [
      ['complete', {}],
      ['extend', {}],
      ['fail', { error: ERROR }],
    ] as const)
      expect(await scene.settle(late, verb, body)).toMatchObject({
        status: 409,
        body: { code: 'lease_lost' },
      });
    const [next] = (await scene.leaseAll(1)) as [Job];
    expect(next).toMatchObject({ attempt: 2, replay_of_record: late.replay_of_record });
    expect(next.record_id).not.toBe(late.record_id);
    expect(await scene.settle(late, 'complete')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('attempt 2 was handed out last') as string },
    });
    expect(await scene.settle(next, 'complete')).toMatchObject({ body: { outcome: 'completed' } });
    await scene.isClosed(id, 'completed');
    const records = await scene.records(id);
    expect(records).toHaveLength(2);
    expect(records.find(({ id: record }) => record === late.record_id)).toMatchObject({
      status: 'cancelled',
      cancel_reason: expect.stringContaining('the lease of attempt 1 expired') as string,
      conflicts: 0,
    });
    expect(records.find(({ id: record }) => record === next.record_id)).toMatchObject({
      status: 'completed',
      retry_of: late.record_id,
      replay_of_record: late.replay_of_record,
      input_hash: hashOf('slow'),
    });
  });

  it('can be extended, and lasts for as long', async () => {
    const { jobs } = await atWork('long work');
    const [job] = jobs as [Job];
    const { status, body } = await scene.settle(job, 'extend', { lease_ms: 600_000 });
    expect(status).toBe(200);
    expect(Date.parse(body.lease_expires_at as string)).toBeGreaterThan(Date.now() + 500_000);
    const [row] = await scene.rows<{ left: number }>(
      `SELECT extract(epoch FROM lease_expires_at - now())::float AS left FROM lineage_replay_item WHERE execution_id = $1`,
      job.execution_id,
    );
    expect(row?.left).toBeGreaterThan(500);
  });

  it('is not given to a client that has gone away meanwhile, and no attempt counts', async () => {
    const { executionId } = await scene.anExecution(['for nobody']);
    const id = await scene.replayed(executionId);
    await eventually(
      async () => expect((await scene.progress(id)).state).toBe('running'),
      'all to be queued',
    );
    const runner = scene.app.database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM lineage_replay_item WHERE execution_id = $1 FOR UPDATE', [id]);
    const impatient = new AbortController();
    const leased = fetch(`${scene.app.url}/api/v1/replay-work/lease`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ adapters: [{ adapter_name: STAGE }], lease_ms: 600_000 }),
      signal: impatient.signal,
    });
    const waits = (): Promise<unknown[]> =>
      scene.rows(`
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
          AND query LIKE '%UPDATE lineage_replay_item%'`);
    await eventually(async () => expect(await waits()).toHaveLength(1), 'the lease to be at work');
    impatient.abort();
    await expect(leased).rejects.toThrow();
    await runner.commitTransaction();
    await runner.release();
    const [job] = (await scene.leaseAll(1)) as [Job];
    expect(job).toMatchObject({ execution_id: id, attempt: 1 });
    expect(await scene.records(id)).toHaveLength(1);
  });

  it('of a message whose record has ended is not handed out again when it expires', async () => {
    const { id, jobs } = await atWork('done and gone', 'failed and gone');
    const at = { executionId: id, at: Date.now() };
    await scene.append([completed(jobs[0]?.record_id ?? '', at), failedEvent(jobs[1]?.record_id ?? '', at)]);
    for (const job of jobs) await expire(job);
    await scene.isClosed(id, 'completed');
    expect(await scene.progress(id)).toMatchObject({ completed: 1, failed: 1, dead: 0 });
    expect(await scene.records(id)).toHaveLength(2);
  });
});

describe('a message', () => {
  it('that is ended several times at once by who holds it is ended once, and each is told so', async () => {
    for (const withRecord of [true, false]) {
      const { id, jobs } = await atWork(`at once ${withRecord}`);
      const [job] = jobs as [Job];
      if (withRecord) await scene.append([completed(job.record_id, { executionId: id, at: Date.now() })]);
      const answers = await Promise.all(Array.from({ length: 4 }, () => scene.settle(job, 'complete')));
      expect(answers).toEqual(answers.map(() => ({ status: 200, body: { outcome: 'completed' } })));
      await scene.isClosed(id, 'completed');
      expect(await scene.progress(id)).toMatchObject({ total: 1, completed: 1 });
    }
  });

  it('whose record somebody has ended by hand is not handed out', async () => {
    const { executionId } = await scene.anExecution(['by hand', 'not by hand']);
    const id = await scene.replayed(executionId);
    const [first] = (await scene.records(id)) as [{ id: string }];
    await scene.append([failedEvent(first.id, { executionId: id, at: Date.now() })]);
    const [job] = (await scene.leaseAll(1)) as [Job];
    expect(job.record_id).not.toBe(first.id);
    await scene.settle(job, 'complete');
    await scene.isClosed(id, 'completed');
    expect(await scene.progress(id)).toMatchObject({ completed: 1, failed: 1 });
  });

  it('that is to be tried again comes back as an attempt of its own, until it is given up', async () => {
    const { id, jobs } = await atWork('quota');
    const [first] = jobs as [Job];
    expect(await scene.settle(first, 'fail', { error: ERROR })).toMatchObject({
      status: 200,
      body: { outcome: null },
    });
    const [second] = (await scene.leaseAll(1)) as [Job];
    expect(second.attempt).toBe(2);
    await scene.settle(second, 'fail', { error: ERROR });
    await scene.isClosed(id, 'completed');
    expect(await scene.progress(id)).toMatchObject({ dead: 1, failed: 0 });
    expect(await scene.records(id)).toMatchObject([
      { status: 'failed', error: { class: 'ProviderError' } },
      { status: 'failed', error: { class: 'ProviderError' } },
    ]);
  });

  it('that nobody says anything of is given up, and its record fails as abandoned', async () => {
    const { id, jobs } = await atWork('poison');
    await expire((jobs as [Job])[0]);
    const [second] = (await scene.leaseAll(1)) as [Job];
    await expire(second);
    await scene.isClosed(id, 'completed');
    expect(await scene.progress(id)).toMatchObject({ dead: 1 });
    const records = await scene.records(id);
    expect(records.find(({ id: record }) => record === second.record_id)).toMatchObject({
      status: 'failed',
      error: {
        class: 'ReplayAbandoned',
        message: expect.stringContaining('given up after 2 attempts') as string,
      },
    });
    const [execution] = await scene.rows('SELECT * FROM lineage_execution WHERE execution_id = $1', id);
    expect(execution).toMatchObject({ status: 'completed', unsettled: '0', placeholders: '0' });
  });
});

describe('a replay that is cancelled', () => {
  it('ends: what was done counts, the rest is cancelled, and services are told', async () => {
    const { executionId } = await scene.anExecution(['done', 'at work', 'waiting']);
    const id = await scene.replayed(executionId);
    const [done, atWork] = (await scene.leaseAll(2, { max: 2 })) as [Job, Job];
    await scene.settle(done, 'complete');
    const { status, body } = await scene.ask('DELETE', `executions/${id}/replay`);
    expect({ status, state: body.state }).toEqual({
      status: 202,
      state: expect.stringMatching(/^cancel/) as string,
    });
    await scene.isClosed(id, 'cancelled');
    expect(await scene.settle(atWork, 'complete')).toMatchObject({
      status: 409,
      body: { code: 'replay_over' },
    });
    expect(await scene.lease()).toEqual([]);
    expect(await scene.progress(id)).toMatchObject({ completed: 1, cancelled: 2, waiting: 0, leased: 0 });
    const records = await scene.records(id);
    expect(records.map(({ status: word }) => word).sort()).toEqual(['cancelled', 'cancelled', 'completed']);
    const [execution] = await scene.rows('SELECT * FROM lineage_execution WHERE execution_id = $1', id);
    expect(execution).toMatchObject({ status: 'cancelled', unsettled: '0' });
    expect((await scene.ask('DELETE', `executions/${id}/replay`)).status).toBe(202);
  });

  it('while it was starting leaves no record open', async () => {
    const texts = Array.from({ length: 5 }, (_, n) => `starting ${n}`);
    const { executionId } = await scene.anExecution(texts);
    const id = await scene.replayed(executionId);
    // As if the first batch had not come to its end.
    await scene.rows(`UPDATE lineage_replay SET state = 'stopping', queued = 0 WHERE execution_id = $1`, id);
    await scene.isClosed(id, 'cancelled');
    const records = await scene.records(id);
    expect(records.map(({ status, conflicts }) => [status, conflicts])).toEqual(
      texts.map(() => ['cancelled', 0]),
    );
  });

  it('has to be there, and not to be over', async () => {
    const unknown = anId();
    const answer = { status: 404, body: { code: 'replay_not_found' } };
    expect(await scene.ask('DELETE', `executions/${unknown}/replay`)).toMatchObject(answer);
    expect(await scene.ask('GET', `executions/${unknown}/replay`)).toMatchObject(answer);
    const { id, jobs } = await atWork('over');
    await scene.settle((jobs as [Job])[0], 'complete');
    await scene.isClosed(id, 'completed');
    expect(await scene.ask('DELETE', `executions/${id}/replay`)).toMatchObject({ status: 409 });
  });
});

describe('a request that makes no sense', () => {
  const adapters = [{ adapter_name: STAGE }];
  it.each<[string, object]>([
    ['adapters must be a list of adapters', {}],
    ['adapters must be a list of adapters', { adapters: 'chunker' }],
    ['adapters must name an adapter', { adapters: [] }],
    [
      'adapters must not name more than 100 adapters',
      { adapters: Array.from({ length: 101 }, () => adapters[0]) },
    ],
    ['adapters must be objects with adapter_name', { adapters: [[]] }],
    ['adapters must be objects with adapter_name', { adapters: [adapters] }],
    ['adapters must be objects with adapter_name', { adapters: ['chunker'] }],
    ['adapters must be objects with adapter_name', { adapters: [null] }],
    ['adapters[0].adapter_name must be text', { adapters: [{}] }],
    ['adapters[0].adapter_name must have 1 to 200 characters', { adapters: [{ adapter_name: '' }] }],
    ['adapters[0].route_id must be text', { adapters: [{ adapter_name: STAGE, route_id: 7 }] }],
    ['max must be a whole number from 1 to 100', { adapters, max: 0 }],
    ['max must be a whole number from 1 to 100', { adapters, max: 101 }],
    ['lease_ms must be a whole number from 1000 to 3600000', { adapters, lease_ms: 10 }],
    ['lease_ms must be a whole number from 1000 to 3600000', { adapters, lease_ms: 3_600_001 }],
    ['wait_ms must be a whole number from 0 to 30000', { adapters, wait_ms: 30_001 }],
  ])('is refused: %s', async (expected, body) => {
    const { status, body: problem } = await scene.ask('POST', 'replay-work/lease', body);
    const errors = problem.errors as { field: string; message: string }[];
    expect({ status, errors: errors.map(({ field, message }) => `${field} ${message}`) }).toEqual({
      status: 400,
      errors: [expected],
    });
  });

  it.each<[string, string, object]>([
    ['error must be an object with class and message', 'fail', {}],
    ['error must be an object with class and message', 'fail', { error: [] }],
    ['error.class must be text', 'fail', { error: { message: 'no class' } }],
    ['error.message must be text', 'fail', { error: { class: 'Error' } }],
    [
      'error.message must have at most 2048 characters',
      'fail',
      { error: { class: 'Error', message: 'x'.repeat(5000) } },
    ],
    ['retry must be true or false', 'fail', { error: ERROR, retry: 'perhaps' }],
    ['output_hash must be text', 'complete', { output_hash: 7 }],
    ['lease_ms must be a whole number from 1000 to 3600000', 'extend', { lease_ms: -1 }],
  ])('of a job is refused: %s', async (expected, verb, body) => {
    const { jobs } = await atWork('refused');
    const answer = await scene.settle((jobs as [Job])[0], verb as 'fail', body);
    const errors = answer.body.errors as { field: string; message: string }[];
    expect({
      status: answer.status,
      errors: errors.map(({ field, message }) => `${field} ${message}`),
    }).toEqual({ status: 400, errors: [expected] });
  });

  it('names a job that is none, or that nobody has', async () => {
    for (const job of ['nonsense', `${anId()}.0.${anId()}`, `${anId()}.1`])
      expect(await scene.ask('POST', `replay-work/${job}/complete`, {})).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'job' }] },
      });
    expect(await scene.ask('POST', `replay-work/${anId()}.1.${anId()}/complete`, {})).toMatchObject({
      status: 404,
    });
    const { jobs } = await atWork('guessed');
    const [execution, n] = (jobs as [Job])[0].job.split('.') as [string, string];
    expect(await scene.ask('POST', `replay-work/${execution}.${n}.${anId()}/complete`, {})).toMatchObject({
      status: 409,
      body: { code: 'lease_lost' },
    });
  });
});

it('an execution with a message that is a child is replayed without its parent', async () => {
  const executionId = anId();
  const parent = anId();
  await scene.put('a child');
  const child = anOriginal(executionId, 'a child', { data: { parentId: parent } });
  await scene.append([
    registered(parent, { executionId }, { adapterName: 'reader' }),
    ...child.events,
    completed(parent, { executionId }),
  ]);
  const id = await scene.replayed(executionId);
  const [row] = await scene.rows('SELECT parent_id FROM lineage_record WHERE execution_id = $1', id);
  expect(row).toEqual({ parent_id: null });
});
