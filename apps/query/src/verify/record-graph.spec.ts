import { isSettled } from '@factflow/domain';
import { anId, arbitraryHistory, expectedRows } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { JoinTable } from './join-table';
import { RecordGraph } from './record-graph';

describe('the graph of an execution’s records', () => {
  it('recounts what the rules say, of trees, joins and cycles, with the least solution for what has settled', () => {
    fc.assert(
      fc.property(
        arbitraryHistory({ maxRecords: 20, maxEvents: 120, executions: [anId()] }),
        ({ events }) => {
          const { records, joins } = expectedRows(events);
          const graph = new RecordGraph();
          for (const facts of records) {
            // A parent that nobody registered has no events: it is found by the edges alone.
            const hasEvents = facts.registration ?? facts.start ?? facts.terminal;
            if (hasEvents) graph.add({ id: facts.id, facts, counts: null, sum: -1, isOrphan: false });
          }
          graph.count();
          const found = [...graph.all()].map(({ id, children, pendingChildren, settled }) => ({
            id,
            children,
            pendingChildren,
            settled,
          }));
          expect(found.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
            records.map((record) => ({
              id: record.id,
              children: record.children,
              pendingChildren: record.pendingChildren,
              settled: isSettled(record),
            })),
          );
          const table = new JoinTable(graph);
          expect(table.size).toBe(joins.length);
          const key = (join: { parentId: string; childId: string }): string => join.parentId + join.childId;
          expect([...table.left()].map(key).sort()).toEqual(joins.map(key).sort());
          for (const { parentId, childId } of joins) expect(table.tick(parentId, childId)).toBe(true);
          expect([...table.left()]).toEqual([]);
          expect(table.tick(anId(), anId())).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});
