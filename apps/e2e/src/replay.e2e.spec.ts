import { eventually } from '@factflow/testing';
import { factflow, type CliResult } from './testing/cli';
import { jsonMessage, ReplayStory, textMessage } from './testing/replays';

let story: ReplayStory;
beforeAll(async () => {
  story = await ReplayStory.begin();
}, 60_000);
afterAll(() => story?.end(), 60_000);

interface Row {
  readonly status: string;
  readonly started: boolean;
  readonly adapter_name: string;
  readonly parent_id: string | null;
  readonly replay_of_record: string | null;
  readonly retry_of: string | null;
  readonly conflicts: number;
  readonly output_payload: object | null;
}
const recordsOf = (executionId: string): Promise<Row[]> =>
  story.dataSource.query('SELECT * FROM lineage_record WHERE execution_id = $1', [executionId]);

describe('a service with handlers', () => {
  it('gets what its adapters got, and makes no second record of it', async () => {
    const service = await story.service();
    const documents = await story.anExecution([textMessage('a document'), textMessage('poisonous')]);
    const replay = await story.replay(documents);
    expect(await story.isOver(replay)).toMatchObject({ total: 2, completed: 1, failed: 1, dead: 0 });
    await story.isProven(replay);
    const records = await recordsOf(replay);
    expect(records.map(({ adapter_name: adapter, status }) => `${adapter} ${status}`).sort()).toEqual([
      'chunker completed',
      'chunker failed',
      'embedder completed',
    ]);
    expect(records.every(({ conflicts }) => conflicts === 0)).toBe(true);
    const [chunker] = records.filter(({ status }) => status === 'completed');
    expect(chunker?.retry_of).toBeNull();
    await service.stop();
  }, 60_000);

  it('gets a join as a list, bytes as bytes, and several arguments as such', async () => {
    const service = await story.service();
    const joined = await story.replay(await story.aJoin(['left', 'right']), 'summarise');
    await story.isOver(joined);
    const weighing = { route: 'reports', adapter: 'weigh' };
    const bytes = { ...weighing, bytes: Buffer.from([0, 255, 7]), contentType: 'application/octet-stream' };
    await story.isOver(await story.replay(await story.anExecution([bytes]), 'weigh'));
    const sum = { route: 'reports', adapter: 'add', ...jsonMessage([20, 22]) };
    const added = await story.replay(await story.anExecution([sum]), 'add');
    await story.isOver(added);
    const said = story.notes.map((note) => note.replace(/^\d+ /, ''));
    expect(said).toEqual(
      expect.arrayContaining(['summary left + right', 'weighed 00ff07', 'added 20 and 22']) as string[],
    );
    // The handler called the adapter: that was the record, and what it gave was kept as its decorator says.
    const kept = { status: 'completed', output_payload: { redacted: false } };
    expect(await recordsOf(joined)).toMatchObject([{ adapter_name: 'summarise', ...kept }]);
    expect(await recordsOf(added)).toMatchObject([{ adapter_name: 'add', ...kept }]);
    await service.stop();
  }, 60_000);

  it('finishes what it has begun when it is shut down, and takes nothing more', async () => {
    const service = await story.service({ DELAY_MS: '400', CONCURRENCY: '2', LEASE_MS: '60000' });
    const documents = Array.from({ length: 6 }, (_, n) => textMessage(`shut down ${n}`));
    const replay = await story.replay(await story.anExecution(documents));
    await eventually(() => expect(begun('shut down')).toBeGreaterThan(1), 'two messages in work');
    await service.stop(20_000);
    const progress = await story.progress(replay);
    expect(progress.leased).toBe(0);
    expect(progress.completed).toBe(begun('shut down'));
    const other = await story.service();
    expect(await story.isOver(replay)).toMatchObject({ completed: 6 });
    expect(
      [...story.counted('begin')].filter(([what, count]) => what.startsWith('shut down') && count > 1),
    ).toEqual([]);
    await other.stop();
  }, 60_000);
});

describe('the command line', () => {
  const factflowReplay = (...args: readonly string[]): Promise<CliResult> =>
    factflow(
      story.system.query.url,
      'execution',
      'replay',
      ...args,
      '--command-url',
      story.system.command.url,
    );

  it('replays, waits, and ends with what became of every message', async () => {
    const service = await story.service();
    const executionId = await story.anExecution([textMessage('mended'), textMessage('poison for good')]);
    const mended = await factflowReplay(executionId, '--from-stage', 'chunker', '--wait', '-o', 'table');
    expect(mended).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 fixed, 1 failing/) as string });
    const [, replay = ''] = /^replay +([0-9a-f-]{36})$/m.exec(mended.stdout) ?? [];
    // Of what has been replayed, another one is a replay as well, and mends nothing more.
    const again = await factflowReplay(
      replay,
      '--from-stage',
      'chunker',
      '--only-failed',
      '--wait',
      '-o',
      'json',
    );
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ a: { id: replay }, worse: false });
    await service.stop();
  }, 90_000);

  it('says that nobody does the work, and cancels it', async () => {
    const executionId = await story.anExecution([textMessage('for nobody')]);
    const waited = await factflowReplay(executionId, '--from-stage', 'chunker', '--wait', '--timeout', '7s');
    expect(waited).toMatchObject({ code: 1, stdout: '' });
    expect(waited.stderr).toContain(`@ReplayHandler({ adapter: 'chunker' })`);
    const [, replay = ''] = /replay ([0-9a-f-]{36}) --cancel/.exec(waited.stderr) ?? [];
    expect(await factflowReplay(replay, '--cancel')).toMatchObject({ code: 0 });
    await eventually(async () => expect((await story.progress(replay)).state).toBe('cancelled'), 'the end');
  }, 60_000);

  it('names what is missing when a payload was deleted, and nothing is queued', async () => {
    const executionId = await story.anExecution([textMessage('here'), textMessage('deleted')]);
    await story.lose('deleted');
    const refused = await factflowReplay(executionId, '--from-stage', 'chunker');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/The input of 1 of 2 records cannot be had; nothing was queued/);
    expect(refused.stderr).toMatch(/record [0-9a-f-]{36}: its input is not in the payload store: sha256:/);
    const replays: unknown[] = await story.dataSource.query(
      'SELECT FROM lineage_replay WHERE replay_of = $1',
      [executionId],
    );
    expect(replays).toEqual([]);
  });
});

const begun = (what: string): number =>
  [...story.counted('begin').keys()].filter((text) => text.startsWith(what)).length;

describe('a replay in the middle of which', () => {
  it('a service is killed loses nothing, and repeats nothing that had finished', async () => {
    const documents = Array.from({ length: 60 }, (_, n) => `killed ${n}`);
    const executionId = await story.anExecution(documents.map(textMessage));
    const replay = await story.replay(executionId);
    const services = await Promise.all([1, 2].map(() => story.service({ DELAY_MS: '200' })));
    const finished = await eventually(async () => {
      const rows: { replay_of_record: string }[] = await story.dataSource.query(
        `SELECT replay_of_record FROM lineage_record WHERE execution_id = $1 AND status = 'completed'
         AND replay_of_record IS NOT NULL`,
        [replay],
      );
      expect(rows.length).toBeGreaterThan(10);
      return rows.map((row) => row.replay_of_record);
    }, 'some to be finished');
    const inWork = (): boolean => {
      const notes = story.notes.filter((note) => note.startsWith(`${services[0]?.pid} `));
      const ended = new Set(
        notes.filter((note) => note.includes(' end ')).map((note) => note.split(' end ')[1]),
      );
      return notes.some((note) => note.includes(' begin ') && !ended.has(note.split(' begin ')[1]));
    };
    await eventually(() => expect(inWork()).toBe(true), 'a message in work');
    services[0]?.signal('SIGKILL');
    expect(await story.isOver(replay)).toMatchObject({ total: 60, completed: 60, dead: 0 });
    await services[1]?.stop();
    // Both worked at once, and every message came to its end.
    const ends = story.counted('end');
    expect(documents.every((document) => ends.has(document))).toBe(true);
    const attempts = (await recordsOf(replay)).filter((record) => record.replay_of_record !== null);
    const repeated = attempts.filter(({ retry_of: first }) => first !== null);
    expect(repeated.length).toBeGreaterThan(0);
    expect(repeated.length).toBeLessThanOrEqual(4);
    expect(repeated.filter((record) => finished.includes(record.replay_of_record ?? ''))).toEqual([]);
    const completed = attempts.filter(({ status }) => status === 'completed');
    expect(new Set(completed.map((record) => record.replay_of_record)).size).toBe(60);
    const pids = new Set(
      story.notes.filter((note) => note.includes(' end killed ')).map((note) => note.split(' ')[0]),
    );
    expect(pids.size).toBe(2);
  }, 90_000);

  it('the command app is killed goes on when it is there again', async () => {
    const documents = Array.from({ length: 40 }, (_, n) => `restarted ${n}`);
    const replay = await story.replay(await story.anExecution(documents.map(textMessage)));
    const service = await story.service({ DELAY_MS: '50', LEASE_MS: '20000' });
    await eventually(() => expect(begun('restarted')).toBeGreaterThan(8), 'messages in work');
    await story.system.command.kill();
    await story.system.command.restart();
    expect(await story.isOver(replay)).toMatchObject({ total: 40, completed: 40, failed: 0, dead: 0 });
    const again = [...story.counted('begin')].filter(
      ([what, count]) => what.startsWith('restarted') && count > 1,
    );
    expect(again).toEqual([]);
    // A message that was handed out in an answer the kill cut off was never begun, and is handed out once more.
    const notDone = ({ status, started, conflicts }: Row): boolean =>
      conflicts > 0 || (status !== 'completed' && (status !== 'cancelled' || started));
    expect((await recordsOf(replay)).filter(notDone)).toEqual([]);
    await service.stop();
  }, 90_000);
});
