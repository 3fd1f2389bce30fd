import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { startQueryApp, type QueryApp } from '../../testing/query-app';
import type { DiffRow, DiffSummary } from './diff';

const RECORDS = 10_000;
const NDJSON = { accept: 'application/x-ndjson' };

describe('a diff of large executions', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const lines = async (a: string, b: string, query = ''): Promise<[DiffSummary, ...DiffRow[]]> =>
    (await app.get<[DiffSummary, ...DiffRow[]]>(`/api/v1/executions/${a}/diff/${b}?${query}`, NDJSON)).body;

  it('pairs a replay of 10,000 records, which came in another order', async () => {
    const [a, b] = [{ executionId: anId() }, { executionId: anId() }];
    const originals = Array.from({ length: RECORDS }, anId);
    const isBad = (n: number): boolean => n % 10 === 3;
    const end = (id: string, at: typeof a, bad: boolean): LineageEvent =>
      bad ? failed(id, at) : completed(id, at, { outputHash: 'sha256:out' });
    const input = (n: number) => ({ inputHash: `sha256:${n}` });
    await app.store(originals.flatMap((id, n) => [registered(id, a, input(n)), end(id, a, isBad(n))]));
    const replays = originals.map((replayOfRecord, n) => ({ id: anId(), replayOfRecord, n })).reverse();
    await app.store([
      executionStarted(b, { replayOf: a.executionId, fromStage: 'chunker' }),
      ...replays.flatMap(({ id, replayOfRecord, n }) => [
        registered(id, b, { ...input(n), replayOfRecord }),
        // The fix mends all but a hundred, and breaks two.
        end(id, b, n % 100 === 3 || n === 7 || n === 8),
      ]),
      executionEnded(b),
    ]);
    const [summary, ...rows] = await lines(a.executionId, b.executionId, 'class=newly_failing,failing_same');
    expect(summary).toMatchObject({
      worse: true,
      finished: true,
      totals: {
        fixed: 900,
        failing_same: 100,
        newly_failing: 2,
        identical: RECORDS - 1002,
        missing: 0,
        extra: 0,
      },
    });
    expect(rows.map((row) => row.class)).toEqual([
      'newly_failing',
      'newly_failing',
      ...Array.from({ length: 100 }, () => 'failing_same'),
    ]);
    expect(rows.slice(0, 2).map((row) => row.a?.input_hash)).toEqual(['sha256:7', 'sha256:8']);
  });

  it('follows a line of 10,000 records down, without names to go by', async () => {
    const line = async (broken: number): Promise<string> => {
      const at = { executionId: anId() };
      const ids = Array.from({ length: RECORDS }, anId);
      await app.store(
        ids.flatMap((id, n) => [
          // One input for all: only the place in the line tells them apart.
          registered(id, at, { inputHash: 'sha256:x', ...(n > 0 && { parentId: ids[n - 1] ?? '' }) }),
          n === broken ? failed(id, at) : completed(id, at),
        ]),
      );
      await app.store([executionEnded(at)]);
      return at.executionId;
    };
    const [a, b] = [await line(5000), await line(-1)];
    const [{ totals }, row] = await lines(a, b, 'class=fixed');
    expect(totals).toMatchObject({ fixed: 1, identical: RECORDS - 1, newly_failing: 0 });
    expect(row).toMatchObject({ paired_by: 'parents' });
  });
});
