import * as fc from 'fast-check';
import type { LineageEvent } from './events';
import { completionOf, type RecordState } from './record';
import {
  anId,
  arbitraryHistory,
  completed,
  executionEnded,
  executionStarted,
  expectedRows,
  failed,
  InMemoryRows,
  registered,
  started,
} from './testing';

async function rowsAfter(...batches: (readonly LineageEvent[])[]) {
  const rows = new InMemoryRows();
  for (const batch of batches) await rows.append(batch);
  return rows.rows();
}

async function recordAfter(id: string, ...batches: (readonly LineageEvent[])[]): Promise<RecordState> {
  const record = (await rowsAfter(...batches)).records.find((row) => row.id === id);
  if (!record) throw new Error(`no row of ${id}`);
  return record;
}

describe('the projection', () => {
  it('gives the rows of the set of events, however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(), async ({ events, batches }) => {
        expect(await rowsAfter(...batches)).toEqual(expectedRows(events));
      }),
      { numRuns: 1500 },
    );
  }, 120_000);

  it('gives them for few records with many conflicts', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 3, maxEvents: 25, executions: [anId()] }),
        async ({ events, batches }) => {
          expect(await rowsAfter(...batches)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 3000 },
    );
  }, 120_000);

  it('gives them for many records in one execution', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory({ maxRecords: 40, maxEvents: 200, executions: [anId()] }),
        async ({ events, batches }) => {
          expect(await rowsAfter(...batches)).toEqual(expectedRows(events));
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  describe('pending children', () => {
    const at = { executionId: anId() };

    it('keep a completed parent waiting until the child and the child’s own children have finished', async () => {
      const [parent, child, grandchild] = [anId(), anId(), anId()];
      const steps = [
        [registered(parent, at), registered(child, at, { parentId: parent }), completed(parent, at)],
        [registered(grandchild, at, { parentId: child }), completed(child, at)],
        [failed(grandchild, at)],
      ];
      const completions = [];
      for (let n = 1; n <= steps.length; n++)
        completions.push(completionOf(await recordAfter(parent, ...steps.slice(0, n))));
      expect(completions).toEqual(['awaiting_children', 'awaiting_children', 'done']);
    });

    it('make a done parent wait again for a late child', async () => {
      const [grandparent, parent, child] = [anId(), anId(), anId()];
      const before = [
        registered(grandparent, at),
        registered(parent, at, { parentId: grandparent }),
        completed(parent, at),
        completed(grandparent, at),
      ];
      expect(completionOf(await recordAfter(grandparent, before))).toBe('done');
      const late = [registered(child, at, { parentId: parent })];
      expect(completionOf(await recordAfter(grandparent, before, late))).toBe('awaiting_children');
      expect(completionOf(await recordAfter(grandparent, before, late, [completed(child, at)]))).toBe('done');
    });

    it('never settle a cycle, however it comes about', async () => {
      const [a, b] = [anId(), anId()];
      const [first, second] = [
        [registered(a, at, { parentId: b }), completed(a, at)],
        [registered(b, at, { parentId: a }), completed(b, at)],
      ];
      for (const batches of [[first, second], [second, first], [[...first, ...second]]]) {
        expect((await rowsAfter(...batches)).records.map(completionOf)).toEqual([
          'awaiting_children',
          'awaiting_children',
        ]);
      }
    });

    it('settle a line of 10,000 records when its leaf finishes last', async () => {
      const ids = Array.from({ length: 10_000 }, anId);
      const line = ids.flatMap((id, n) => [registered(id, at, n > 0 ? { parentId: ids[n - 1] } : {})]);
      const leaf = ids.at(-1) as string;
      const rows = new InMemoryRows();
      await rows.append(line);
      await rows.append(ids.filter((id) => id !== leaf).map((id) => completed(id, at)));
      expect(rows.rows().executions[0]).toMatchObject({ unsettled: 10_000 });
      await rows.append([completed(leaf, at)]);
      expect(rows.rows().executions[0]).toMatchObject({ unsettled: 0 });
    });

    it('count a parent named twice once', async () => {
      const [parent, child] = [anId(), anId()];
      const join = registered(child, at, { parentId: parent, joinedParentIds: [parent, parent] });
      expect(await recordAfter(parent, [registered(parent, at), join])).toMatchObject({
        children: 1,
        pendingChildren: 1,
      });
    });
  });

  describe('placeholders', () => {
    const at = { executionId: anId() };

    it('keep their counts until they are registered', async () => {
      const [parent, child] = [anId(), anId()];
      const orphan = [registered(child, at, { parentId: parent })];
      const before = await recordAfter(parent, orphan);
      expect([completionOf(before), before.pendingChildren]).toEqual(['unknown', 1]);
      expect(await recordAfter(parent, orphan, [registered(parent, at)])).toMatchObject({
        pendingChildren: 1,
        children: 1,
      });
    });

    it('go when an earlier registration moves the only child elsewhere', async () => {
      const [parent, other, child] = [anId(), anId(), anId()];
      const later = registered(child, { ...at, at: 2000 }, { parentId: parent });
      const earlier = registered(child, { ...at, at: 1000 }, { parentId: other });
      const rows = await rowsAfter([later], [earlier]);
      expect(rows.records.map(({ id }) => id)).toEqual([other, child]);
      expect(rows.records.find(({ id }) => id === child)).toMatchObject({ parentId: other, conflicts: 1 });
    });

    it('hold back the execution', async () => {
      const lost = [executionStarted(at), started(anId(), at), executionEnded(at)];
      expect((await rowsAfter(lost)).executions[0]).toMatchObject({
        status: 'completed',
        unsettled: 0,
        placeholders: 1,
      });
    });
  });
});
