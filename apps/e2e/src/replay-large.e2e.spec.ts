import { eventually } from '@factflow/testing';
import { ReplayStory, textMessage } from './testing/replays';

const MESSAGES = 10_000;
/** What the heap of an app may hold beside its code: far less than the messages with all that is known of them. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=128' };

let story: ReplayStory;
beforeAll(async () => {
  story = await ReplayStory.begin({ commandEnv: SMALL_HEAP });
}, 60_000);
afterAll(() => story?.end(), 60_000);

const count = async (sql: string, ...parameters: unknown[]): Promise<number> => {
  const [{ count: found }] = (await story.dataSource.query(sql, parameters)) as [{ count: string }];
  return Number(found);
};

it('ten thousand messages are replayed in a small heap, through a command app that is killed while it starts', async () => {
  const documents = Array.from({ length: MESSAGES }, (_, n) => textMessage(`document ${n}`));
  const executionId = await story.anExecution(documents);
  const replay = await story.replay(executionId, 'chunker', { idempotency_key: 'once' });
  await eventually(async () => {
    const queued = await count('SELECT queued AS count FROM lineage_replay WHERE execution_id = $1', replay);
    expect(queued).toBeGreaterThan(0);
  }, 'some to be queued');
  await story.system.command.kill();
  const queued = await count('SELECT queued AS count FROM lineage_replay WHERE execution_id = $1', replay);
  expect(queued).toBeLessThan(MESSAGES);
  await story.system.command.restart();
  const again = await story.ask<{ execution_id: string }>('POST', `executions/${executionId}/replay`, {
    from_stage: 'chunker',
    idempotency_key: 'once',
  });
  expect(again).toMatchObject({ status: 200, body: { execution_id: replay } });

  const service = await story.service({ CONCURRENCY: '100', LEASE_MS: '60000', ...SMALL_HEAP });
  expect(await story.isOver(replay, 300_000)).toMatchObject({
    total: MESSAGES,
    completed: MESSAGES,
    failed: 0,
    dead: 0,
  });
  expect(story.counted('end').size).toBe(MESSAGES);
  expect([...story.counted('begin').values()].filter((times) => times > 1)).toEqual([]);
  const record = 'SELECT count(*) FROM lineage_record WHERE execution_id = $1';
  expect(await count(`${record} AND replay_of_record IS NOT NULL`, replay)).toBe(MESSAGES);
  expect(await count(`${record} AND (conflicts > 0 OR status <> 'completed')`, replay)).toBe(0);
  await story.isProven(replay);
  await service.stop();
}, 400_000);
