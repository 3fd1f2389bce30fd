import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  arbitraryHistory,
  completed,
  executionEnded,
  expectedRows,
  failed,
  registered,
  started,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { append, appendToLane } from './append';
import { laneOf } from './lanes';
import { executionIds, rebuildExecution } from './rebuild';
import { given, migratedDatabase, removeRows, row, storedRows, type MigratedDatabase } from './testing';

let database: MigratedDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await migratedDatabase();
  ({ dataSource } = database);
});
afterAll(() => database.drop());

beforeEach(() => removeRows(dataSource));

const line = (executionId: string, length: number): LineageEvent[] => {
  const ids = Array.from({ length }, anId);
  return ids.flatMap((id, n) => [
    registered(id, { executionId }, { ...(n > 0 ? { parentId: ids[n - 1] as string } : {}), started: true }),
    ...(n > 0 ? [completed(ids[n - 1] as string, { executionId })] : []),
  ]);
};

/** The SQL texts that `work` sends. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { logger } = dataSource;
  const seen: string[] = [];
  const recording = Object.create(logger) as typeof logger;
  recording.logQuery = (sql: string) => void seen.push(sql);
  dataSource.logger = recording;
  try {
    await work();
    return seen;
  } finally {
    dataSource.logger = logger;
  }
}

describe('append', () => {
  it('gives the rows of the set of events, however they arrive, and a rebuild gives them again', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory({ maxRecords: 10, maxEvents: 80 }), async ({ events, batches }) => {
        await removeRows(dataSource);
        for (const batch of batches) await append(dataSource, batch);
        const expected = expectedRows(events);
        expect(await storedRows(dataSource)).toEqual(expected);
        for await (const id of executionIds(dataSource)) await rebuildExecution(dataSource, id);
        expect(await storedRows(dataSource)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 180_000);

  it('gives them with six connections at work at once, a rebuild among them', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 12, maxEvents: 150, executions: [anId(), anId(), anId()] }),
        async ({ events, batches }) => {
          await removeRows(dataSource);
          const queue = [...batches];
          const worker = async (): Promise<void> => {
            for (let batch = queue.shift(); batch; batch = queue.shift()) await append(dataSource, batch);
          };
          const rebuilder = async (): Promise<void> => {
            while (queue.length > 0)
              for await (const id of executionIds(dataSource)) await rebuildExecution(dataSource, id);
          };
          await Promise.all([worker(), worker(), worker(), worker(), worker(), rebuilder()]);
          expect(await storedRows(dataSource)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 25 },
    );
  }, 180_000);

  it('takes a constant number of statements, whatever the size of the batch', async () => {
    const [few, many] = [anId(), anId()];
    const small = await statementsOf(() => append(dataSource, line(few, 25)));
    const large = await statementsOf(() => append(dataSource, line(many, 2500)));
    expect(large).toEqual(small);
  });

  it('finishes a line of 10,000 records with as many statements as one of ten', async () => {
    const finish = async (length: number): Promise<string[]> => {
      const executionId = anId();
      const events = line(executionId, length);
      await append(dataSource, events);
      const leaf = events.filter(({ type }) => type === 'record.registered').at(-1)?.recordId as string;
      return statementsOf(() => append(dataSource, [completed(leaf, { executionId })]));
    };
    const short = await finish(10);
    expect(await finish(10_000)).toEqual(short);
    const [{ unsettled }] = await dataSource.query(
      'SELECT sum(unsettled)::int AS unsettled FROM lineage_execution',
    );
    expect(unsettled).toBe(0);
  }, 60_000);

  it('tells repeats from events that say something else under the same id', async () => {
    const at = { executionId: anId(), eventId: anId(), at: 1_767_225_600_000 };
    const event = registered(anId(), at, { metadata: { b: 1, a: 'x' } });
    const reordered = { ...event, data: { ...event.data, metadata: { a: 'x', b: 1 } } } as LineageEvent;
    const other = { ...event, occurredAt: event.occurredAt + 1 } as LineageEvent;
    const first = await append(dataSource, [event, reordered, other]);
    expect(first.outcomes).toEqual([
      'accepted',
      'duplicate',
      expect.objectContaining({ code: 'event_id_conflict' }),
    ]);
    const again = await append(dataSource, [reordered, other]);
    expect(again.outcomes).toEqual(['duplicate', expect.objectContaining({ code: 'event_id_conflict' })]);
  });

  it('says of a large batch that comes again that it is there, and stores what is new in it', async () => {
    const executionId = anId();
    const metadata = { text: 'x'.repeat(4096) };
    const batch = Array.from({ length: 3000 }, () => registered(anId(), { executionId }, { metadata }));
    const [more, ...before] = batch as [LineageEvent, ...LineageEvent[]];
    await append(dataSource, before);
    const again = () => append(dataSource, before);
    const others = Array.from({ length: 4 }, () => registered(anId(), { executionId: anId() }));
    const results = await Promise.all([
      again(),
      again(),
      ...others.map((event) => append(dataSource, [event])),
    ]);
    expect(results.flatMap(({ outcomes }) => outcomes)).toEqual([
      ...before.map(() => 'duplicate'),
      ...before.map(() => 'duplicate'),
      ...others.map(() => 'accepted'),
    ]);
    const last = await append(dataSource, [...before, more]);
    expect(last.outcomes).toEqual([...before.map(() => 'duplicate'), 'accepted']);
  });

  it('rejects alone what PostgreSQL refuses, and stores the rest of the batch', async () => {
    const executionId = anId();
    await dataSource.query(
      `ALTER TABLE lineage_event ADD CONSTRAINT refused CHECK (data::text NOT LIKE '%poison%')`,
    );
    try {
      const ids = Array.from({ length: 9 }, anId);
      const events = ids.map((id, n) =>
        registered(id, { executionId }, n === 3 || n === 8 ? { inputHash: 'poison' } : {}),
      );
      const { outcomes } = await append(dataSource, events);
      const unstorable = expect.objectContaining({ code: 'unstorable' });
      expect(outcomes).toEqual(ids.map((_, n) => (n === 3 || n === 8 ? unstorable : 'accepted')));
      expect((await storedRows(dataSource)).executions[0]).toMatchObject({ counts: { pending: 7 } });
    } finally {
      await dataSource.query('ALTER TABLE lineage_event DROP CONSTRAINT refused');
    }
  });

  it('leaves nothing behind when its backend is ended between two statements, and can be sent again', async () => {
    const executionId = anId();
    const events = line(executionId, 30);
    const lane = laneOf(executionId);
    const statements = (await statementsOf(() => appendToLane(dataSource, lane, events))).length;
    const expected = await storedRows(dataSource);
    for (let cut = 1; cut < statements; cut++) {
      await removeRows(dataSource);
      await expect(appendEndedAfter(cut, lane, events)).rejects.toThrow();
      const { records } = await storedRows(dataSource);
      expect(records).toEqual([]);
      await appendToLane(dataSource, lane, events);
      expect(await storedRows(dataSource)).toEqual(expected);
    }
  }, 60_000);

  it('keeps a completed parent waiting for its pending children', async () => {
    const at = { executionId: anId() };
    const [parent, child] = [anId(), anId()];
    await given(dataSource, registered(parent, at), registered(child, at, { parentId: parent }))
      .when(completed(parent, at))
      .then(row(parent, { status: 'completed', pendingChildren: 1, completion: 'awaiting_children' }));
    await given(dataSource)
      .when(failed(child, at))
      .then(row(parent, { pendingChildren: 0, completion: 'done' }), row(child, { completion: 'failed' }));
  });

  it('reports how many records had a decision overturned', async () => {
    const executionId = anId();
    const id = anId();
    await append(dataSource, [
      registered(id, { executionId, at: 2000 }),
      completed(id, { executionId, at: 3000 }),
    ]);
    const { overturned } = await append(dataSource, [
      failed(id, { executionId, at: 2500 }),
      started(anId(), { executionId }),
    ]);
    expect(overturned).toBe(1);
    await append(dataSource, [executionEnded({ executionId })]);
    expect((await storedRows(dataSource)).executions[0]).toMatchObject({
      placeholders: 1,
      counts: { failed: 1, completed: 0 },
    });
  });
});

/** Appends while another session ends this one's backend right after statement `cut`. */
async function appendEndedAfter(cut: number, lane: number, events: LineageEvent[]): Promise<void> {
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
  const spy = jest.spyOn(dataSource, 'createQueryRunner').mockImplementation((mode) => {
    const runner = createQueryRunner(mode);
    const query = runner.query.bind(runner);
    let sent = 0;
    runner.query = (async (...args: Parameters<typeof query>) => {
      const result: unknown = await query(...args);
      if (++sent === cut) {
        const [{ pid }] = (await query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
        spy.mockRestore();
        await dataSource.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
      }
      return result;
    }) as typeof runner.query;
    return runner;
  });
  try {
    await appendToLane(dataSource, lane, events);
  } finally {
    spy.mockRestore();
  }
}
