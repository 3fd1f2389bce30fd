import { emptyExecution, foldRecord, type ExecutionState, type RecordState } from '@factflow/domain';
import { anId } from '@factflow/domain/testing';
import { KnownRows, type KnownExecution, type StoredExecution } from './known-rows';

const stored = (id: string, version: string, changes: Partial<ExecutionState> = {}): StoredExecution => ({
  state: { ...emptyExecution(id), unsettled: 1, ...changes },
  version,
});
const record = (executionId: string): RecordState => foldRecord({ executionId, id: anId() }, []);

/** Keeps so many rows and returns their ids. */
function fill(known: KnownExecution, executionId: string, rows: number): string[] {
  return Array.from({ length: rows }, () => {
    const row = record(executionId);
    known.keep(row);
    return row.id;
  });
}

describe('known rows', () => {
  it('are those of the transaction that wrote the row of their execution last', () => {
    const rows = new KnownRows();
    const id = anId();
    const known = rows.take(id, undefined);
    const kept = record(id);
    known.keep(kept);
    rows.put(known, stored(id, '7'));
    expect(rows.take(id, stored(id, '7')).record(kept.id)).toBe(kept);
  });

  it.each([
    ['of another transaction', stored(anId(), '8')],
    ['with another sum', stored(anId(), '7', { unsettled: 2 })],
    ['that is gone', undefined],
  ])('are thrown away where the row of their execution is one %s', (_, now) => {
    const rows = new KnownRows();
    const id = anId();
    const known = rows.take(id, undefined);
    const [kept] = fill(known, id, 1);
    rows.put(known, stored(id, '7'));
    const again = rows.take(id, now);
    expect(again).not.toBe(known);
    expect(again.record(kept as string)).toBe(now ? undefined : null);
  });

  it('belong to one transaction at a time', () => {
    const rows = new KnownRows();
    const id = anId();
    const known = rows.take(id, undefined);
    rows.put(known, stored(id, '7'));
    rows.take(id, stored(id, '7'));
    expect(rows.take(id, stored(id, '7')).record(anId())).toBeUndefined();
  });

  it('are let go of when there are too many, those of the execution first that was written to longest ago', () => {
    const rows = new KnownRows();
    const ids = [anId(), anId(), anId()];
    for (const id of ids) {
      const known = rows.take(id, undefined);
      fill(known, id, 7000);
      rows.put(known, stored(id, '7'));
    }
    const sizes = ids.map((id) => rows.take(id, stored(id, '7')).size);
    expect(sizes).toEqual([0, 7000, 7000]);
  });

  it('of one large execution are let go of by age; that they are there stays known', () => {
    const rows = new KnownRows();
    const id = anId();
    const known = rows.take(id, undefined);
    const ids = fill(known, id, 20_000);
    rows.put(known, stored(id, '7'));
    const again = rows.take(id, stored(id, '7'));
    expect(again.size).toBe(16_384);
    expect(again.record(ids[0] as string)).toBeUndefined();
    expect(again.record(ids.at(-1) as string)).toBeDefined();
    expect(again.record(anId())).toBeNull();
  });

  it('of a huge execution do not say any more what is missing', () => {
    const known = new KnownRows().take(anId(), undefined);
    fill(known, anId(), 132_000);
    known.shrink(10);
    expect(known.record(anId())).toBeUndefined();
  });

  it('are forgotten when the execution is over', () => {
    const rows = new KnownRows();
    const id = anId();
    const known = rows.take(id, undefined);
    fill(known, id, 3);
    const over = stored(id, '7', { status: 'completed', unsettled: 0 });
    rows.put(known, over);
    expect(rows.take(id, over).size).toBe(0);
  });
});
